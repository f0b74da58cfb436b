/* SPDX-License-Identifier: Apache-2.0 */
#include "policy/variable.h"

#include <stddef.h>
#include <string.h>

#include "policy/ascii.h"

#define OPENING "${"
#define OPENING_LEN (sizeof(OPENING) - 1)
#define CLAIM "claim."
#define CLAIM_LEN (sizeof(CLAIM) - 1)

/* What a name may hold besides letters and digits. */
static const uint8_t marks[] = { '_', '-', '.', ':' };

static bool is_opening(struct slice text)
{
	return text.len >= OPENING_LEN &&
	       memcmp(text.data, OPENING, OPENING_LEN) == 0;
}

static struct slice take_literal(struct slice *rest)
{
	struct slice left = *rest;

	while (left.len > 0 && !is_opening(left))
		(void)slice_take(&left, 1);
	return slice_take(rest, rest->len - left.len);
}

/* No '/', '+' or '#': a name must not reach over its level of a topic. */
static bool is_claim_name(struct slice name)
{
	for (size_t i = 0; i < name.len; i++) {
		if (!ascii_is_alpha(name.data[i]) &&
		    !ascii_is_digit(name.data[i]) &&
		    !memchr(marks, name.data[i], sizeof(marks)))
			return false;
	}
	return name.len > 0;
}

static enum variable find_variable(struct slice *name)
{
	struct slice rest = *name;

	if (slice_is(*name, "user"))
		return VARIABLE_USER;
	if (slice_is(*name, "client"))
		return VARIABLE_CLIENT;
	if (slice_is(*name, "session"))
		return VARIABLE_SESSION;
	if (rest.len < CLAIM_LEN ||
	    !slice_is(slice_take(&rest, CLAIM_LEN), CLAIM) ||
	    !is_claim_name(rest))
		return VARIABLE_UNKNOWN;
	*name = rest;
	return VARIABLE_CLAIM;
}

static void take_variable(struct slice *rest, struct variable_piece *piece)
{
	const uint8_t *end = memchr(rest->data, '}', rest->len);

	if (end == NULL) {
		piece->variable = VARIABLE_UNCLOSED;
		piece->text = slice_take(rest, rest->len);
		return;
	}
	(void)slice_take(rest, OPENING_LEN);
	piece->text = slice_take(rest, (size_t)(end - rest->data));
	(void)slice_take(rest, 1);
	piece->variable = find_variable(&piece->text);
}

bool variable_next(struct slice *rest, struct variable_piece *piece)
{
	if (rest->len == 0)
		return false;
	if (is_opening(*rest)) {
		take_variable(rest, piece);
	} else {
		piece->variable = VARIABLE_NONE;
		piece->text = take_literal(rest);
	}
	return true;
}
