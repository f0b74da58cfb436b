/* SPDX-License-Identifier: Apache-2.0 */
#include "policy/subprotocol.h"

#include <stdbool.h>
#include <string.h>

#include "policy/ascii.h"

static bool is_token_octet(uint8_t octet)
{
	static const char marks[] = "!#$%&'*+-.^_`|~";

	return ascii_is_alpha(octet) || ascii_is_digit(octet) ||
	       memchr(marks, octet, sizeof(marks) - 1);
}

/* A token [RFC 9110 5.6.2]. */
static bool is_name(struct slice name)
{
	for (size_t i = 0; i < name.len; i++) {
		if (!is_token_octet(name.data[i]))
			return false;
	}
	return name.len > 0;
}

static bool is_known(const struct subprotocol_rule *rule, struct slice name)
{
	const struct config_texts *known = rule->known;

	if (known->count == 0)
		return rule->may_be_any;
	for (size_t i = 0; i < known->count; i++) {
		if (slice_is(name, known->list[i].value))
			return true;
	}
	return false;
}

/* Takes the next element off `list`; false: it was the last one. */
static bool take_element(struct slice *list, struct slice *element)
{
	const uint8_t *comma = NULL;
	size_t len = list->len;

	if (len > 0)
		comma = memchr(list->data, ',', len);
	if (comma)
		len = (size_t)(comma - list->data);
	*element = header_trim(slice_take(list, len));
	if (comma)
		slice_take(list, 1);
	return comma != NULL;
}

static enum close_reason choose(const struct subprotocol_rule *rule,
                                struct slice list, struct slice *out)
{
	struct slice found = { NULL, 0 };
	struct slice name;
	bool has_more;

	do {
		has_more = take_element(&list, &name);
		if (!is_name(name))
			return CLOSE_BAD_REQUEST;
		if (found.len == 0 && is_known(rule, name))
			found = name;
	} while (has_more);
	if (found.len == 0)
		return CLOSE_NO_SUBPROTOCOL;
	*out = found;
	return CLOSE_NONE;
}

/* Several fields are one list [RFC 6455 11.3.4]; joined they are not empty. */
enum close_reason subprotocol_choose(const struct subprotocol_rule *rule,
                                     const struct header *header,
                                     struct slice *out)
{
	bool is_empty = header_trim(header->value).len == 0;

	switch (header->presence) {
	case HEADER_ABSENT:
		if (!rule->may_be_none)
			return CLOSE_NO_SUBPROTOCOL;
		*out = (struct slice){ NULL, 0 };
		return CLOSE_NONE;
	case HEADER_ONE:
		if (is_empty)
			return CLOSE_NO_SUBPROTOCOL;
		return choose(rule, header->value, out);
	case HEADER_REPEATED:
		return choose(rule, header->value, out);
	case HEADER_UNREADABLE:
		break;
	}
	return CLOSE_BAD_REQUEST;
}
