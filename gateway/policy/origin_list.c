/* SPDX-License-Identifier: Apache-2.0 */
#include "policy/origin_list.h"

#include <stdlib.h>

#include "policy/ascii.h"

bool origin_list_add(struct origin_list *list, const struct origin *origin)
{
	struct origin *grown =
	    realloc(list->list, (list->count + 1) * sizeof(*grown));

	if (!grown)
		return false;
	grown[list->count++] = *origin;
	list->list = grown;
	return true;
}

void origin_list_finish(struct origin_list *list)
{
	free(list->list);
	*list = (struct origin_list){ 0 };
}

static bool tuple_covers(const struct origin *entry,
                         const struct origin *presented)
{
	if (!ascii_same(entry->scheme, presented->scheme))
		return false;
	if (!entry->is_any_port && entry->port != presented->port)
		return false;
	if (entry->is_subdomains)
		return authority_is_below(&presented->host, &entry->host);
	return authority_same_host(&presented->host, &entry->host);
}

static bool covers(const struct origin *entry, const struct origin *presented)
{
	switch (entry->kind) {
	case ORIGIN_ANY:
		return presented->kind == ORIGIN_TUPLE;
	case ORIGIN_OPAQUE:
		return presented->kind == ORIGIN_OPAQUE;
	case ORIGIN_TUPLE:
		return presented->kind == ORIGIN_TUPLE &&
		       tuple_covers(entry, presented);
	}
	return false;
}

const struct origin *origin_list_find(const struct origin_list *list,
                                      const struct origin *presented)
{
	for (size_t i = 0; i < list->count; i++) {
		if (covers(&list->list[i], presented))
			return &list->list[i];
	}
	return NULL;
}

static enum close_reason check_absent(enum config_absent absent, bool has_token)
{
	switch (absent) {
	case CONFIG_ABSENT_ALLOW:
		return CLOSE_NONE;
	case CONFIG_ABSENT_TOKEN:
		return has_token ? CLOSE_NONE : CLOSE_ORIGIN_ABSENT;
	case CONFIG_ABSENT_DENY:
		break;
	}
	return CLOSE_ORIGIN_ABSENT;
}

static enum close_reason check_presented(const struct origin_list *list,
                                         struct slice value)
{
	struct origin presented;

	if (!origin_read(value, &presented))
		return CLOSE_ORIGIN_MALFORMED;
	if (origin_list_find(list, &presented))
		return CLOSE_NONE;
	return presented.kind == ORIGIN_OPAQUE ? CLOSE_ORIGIN_NULL
	                                       : CLOSE_ORIGIN_UNKNOWN;
}

enum close_reason origin_list_check(const struct origin_list *list,
                                    enum config_absent absent, bool has_token,
                                    const struct header *header)
{
	switch (header->presence) {
	case HEADER_ABSENT:
		return check_absent(absent, has_token);
	case HEADER_ONE:
		return check_presented(list, header->value);
	case HEADER_REPEATED:
		return CLOSE_ORIGIN_REPEATED;
	case HEADER_UNREADABLE:
		break;
	}
	return CLOSE_ORIGIN_MALFORMED;
}
