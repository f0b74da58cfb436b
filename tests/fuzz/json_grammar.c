/* SPDX-License-Identifier: Apache-2.0 */
#include "json_grammar.h"

#include <string.h>

/* Where in the text; takes what it can and says whether it could. */
struct cursor {
	const char *at;
	const char *end;
};

static bool sees(const struct cursor *c, const char *set)
{
	return c->at < c->end && *c->at != '\0' && strchr(set, *c->at) != NULL;
}

static bool take(struct cursor *c, const char *set)
{
	if (!sees(c, set))
		return false;
	c->at++;
	return true;
}

static void space(struct cursor *c)
{
	while (take(c, " \t\n\r"))
		;
}

static bool digits(struct cursor *c)
{
	bool is_any = false;

	while (take(c, "0123456789"))
		is_any = true;
	return is_any;
}

static bool number(struct cursor *c)
{
	(void)take(c, "-");
	if (!take(c, "0") && !digits(c))
		return false;
	if (take(c, ".") && !digits(c))
		return false;
	if (!take(c, "eE"))
		return true;
	(void)take(c, "+-");
	return digits(c);
}

static bool word(struct cursor *c, const char *text)
{
	size_t len = strlen(text);

	if ((size_t)(c->end - c->at) < len || memcmp(c->at, text, len) != 0)
		return false;
	c->at += len;
	return true;
}

static bool escape(struct cursor *c)
{
	if (!take(c, "u"))
		return take(c, "\"\\/bfnrt");
	for (int i = 0; i < 4; i++) {
		if (!take(c, "0123456789abcdefABCDEF"))
			return false;
	}
	return true;
}

static bool string(struct cursor *c)
{
	if (!take(c, "\""))
		return false;
	while (c->at < c->end && (unsigned char)*c->at >= ' ') {
		char octet = *c->at++;

		if (octet == '"')
			return true;
		if (octet == '\\' && !escape(c))
			return false;
	}
	return false;
}

static bool scalar(struct cursor *c)
{
	if (sees(c, "\""))
		return string(c);
	return word(c, "true") || word(c, "false") || word(c, "null") ||
	       number(c);
}

static bool key(struct cursor *c)
{
	space(c);
	if (!string(c))
		return false;
	space(c);
	return take(c, ":");
}

/* What may stand after a value: ends of what is open, then a comma. */
static bool close(struct cursor *c, const char *open, size_t *depth)
{
	space(c);
	while (*depth > 0 && take(c, open[*depth - 1] == '{' ? "}" : "]")) {
		(*depth)--;
		space(c);
	}
	if (*depth == 0)
		return c->at == c->end;
	return take(c, ",") && (open[*depth - 1] == '[' || key(c));
}

bool json_grammar_holds(struct slice text, size_t depth_max)
{
	struct cursor c = { (const char *)text.data,
		            (const char *)text.data + text.len };
	char open[JSON_GRAMMAR_DEPTH];
	size_t depth = 0;

	if (text.len == 0)
		return false;
	do {
		space(&c);
		if (!sees(&c, "[{")) {
			if (!scalar(&c) || !close(&c, open, &depth))
				return false;
			continue;
		}
		if (depth == depth_max)
			return false;
		open[depth++] = *c.at++;
		space(&c);
		if (sees(&c, open[depth - 1] == '{' ? "}" : "]")) {
			if (!close(&c, open, &depth))
				return false;
		} else if (open[depth - 1] == '{' && !key(&c)) {
			return false;
		}
	} while (depth > 0);
	return c.at == c.end;
}
