/* SPDX-License-Identifier: Apache-2.0 */
#include "policy/client_id.h"

#include <assert.h>
#include <string.h>

#include "mqtt/utf8.h"
#include "policy/variable.h"

#define PATTERN_BYTES 65535 /* longest string of MQTT */

struct word {
	const char *text;
	enum client_id_kind kind;
};

static const struct word words[] = {
	{ "match:", CLIENT_ID_KIND_MATCH },
	{ "rewrite:", CLIENT_ID_KIND_REWRITE },
};

static const char *const fault_texts[CLIENT_ID_FAULTS] = {
	[CLIENT_ID_FINE] = "nothing is wrong",
	[CLIENT_ID_UNKNOWN] = "write any, match:PATTERN or rewrite:PATTERN",
	[CLIENT_ID_NO_PATTERN] = "no pattern after the colon: write one, as in "
	                         "match:${user}-${client}",
	[CLIENT_ID_OCTETS] = "holds what no client id may hold: a control "
	                     "character, or octets that are no UTF-8",
	[CLIENT_ID_TOO_LONG] = "too long: a client id has at most 65535 octets",
	[CLIENT_ID_UNCLOSED_VARIABLE] = "a variable without its closing "
	                                "brace: write it as in ${user}",
	[CLIENT_ID_UNKNOWN_VARIABLE] = "unknown variable: there are ${user}, "
	                               "${client} and ${session}",
	[CLIENT_ID_SESSION_MATCH] = "no browser can know ${session}: use it "
	                            "with rewrite:",
	[CLIENT_ID_TWO_CLIENTS] = "${client} stands for the free part of the "
	                          "id: write it once in a match",
};

static bool take_word(struct slice *text, const char *word)
{
	struct slice rest = *text;
	size_t len = strlen(word);

	if (rest.len < len || !slice_is(slice_take(&rest, len), word))
		return false;
	*text = rest;
	return true;
}

static enum client_id_fault note_variable(enum variable variable,
                                          struct client_id_rule *rule)
{
	bool is_match = rule->kind == CLIENT_ID_KIND_MATCH;

	switch (variable) {
	case VARIABLE_NONE:
		return CLIENT_ID_FINE;
	case VARIABLE_USER:
		rule->uses_user = true;
		return CLIENT_ID_FINE;
	case VARIABLE_CLIENT:
		if (is_match && rule->uses_client)
			return CLIENT_ID_TWO_CLIENTS;
		rule->uses_client = true;
		return CLIENT_ID_FINE;
	case VARIABLE_SESSION:
		rule->uses_session = true;
		return is_match ? CLIENT_ID_SESSION_MATCH : CLIENT_ID_FINE;
	case VARIABLE_UNCLOSED:
		return CLIENT_ID_UNCLOSED_VARIABLE;
	case VARIABLE_CLAIM:
	case VARIABLE_UNKNOWN:
		break;
	}
	return CLIENT_ID_UNKNOWN_VARIABLE;
}

static enum client_id_fault read_pattern(struct client_id_rule *rule)
{
	struct slice rest = rule->pattern;
	struct variable_piece piece;

	if (rest.len == 0)
		return CLIENT_ID_NO_PATTERN;
	if (rest.len > PATTERN_BYTES)
		return CLIENT_ID_TOO_LONG;
	if (!mqtt_utf8_is_string(rest))
		return CLIENT_ID_OCTETS;
	while (variable_next(&rest, &piece)) {
		enum client_id_fault fault =
		    note_variable(piece.variable, rule);

		if (fault != CLIENT_ID_FINE)
			return fault;
	}
	return CLIENT_ID_FINE;
}

enum client_id_fault client_id_read(struct slice text,
                                    struct client_id_rule *out)
{
	struct client_id_rule rule = { .kind = CLIENT_ID_KIND_ANY };
	enum client_id_fault fault = CLIENT_ID_UNKNOWN;

	if (slice_is(text, CLIENT_ID_ANY))
		fault = CLIENT_ID_FINE;
	for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++) {
		rule.pattern = text;
		if (take_word(&rule.pattern, words[i].text)) {
			rule.kind = words[i].kind;
			fault = read_pattern(&rule);
			break;
		}
	}
	if (rule.kind == CLIENT_ID_KIND_ANY)
		rule.pattern = (struct slice){ NULL, 0 };
	if (fault == CLIENT_ID_FINE)
		*out = rule;
	return fault;
}

const char *client_id_fault_text(enum client_id_fault fault)
{
	assert(fault < CLIENT_ID_FAULTS);
	return fault_texts[fault];
}

struct slice client_id_text(const struct variable_piece *piece,
                            const struct client_id_values *values)
{
	switch (piece->variable) {
	case VARIABLE_USER:
		return values->user;
	case VARIABLE_CLIENT:
		return values->client;
	case VARIABLE_SESSION:
		return values->session;
	case VARIABLE_NONE:
		return piece->text;
	case VARIABLE_CLAIM:
	case VARIABLE_UNKNOWN:
	case VARIABLE_UNCLOSED:
		break;
	}
	return (struct slice){ NULL, 0 };
}

/* Takes the octets of `wanted` off the front of `id`. */
static bool take_text(struct slice *id, struct slice wanted)
{
	struct slice rest = *id;

	if (wanted.len == 0 || rest.len < wanted.len ||
	    !slice_equals(slice_take(&rest, wanted.len), wanted))
		return false;
	*id = rest;
	return true;
}

/* Octets that the pieces up to the end stand for; ${client} not counted. */
static size_t count_fixed(struct slice pattern,
                          const struct client_id_values *values)
{
	struct variable_piece piece;
	size_t len = 0;

	while (variable_next(&pattern, &piece)) {
		if (piece.variable != VARIABLE_CLIENT)
			len += client_id_text(&piece, values).len;
	}
	return len;
}

/* ${client} stands there once at most, so what is behind it tells its end. */
static bool is_match(struct slice pattern,
                     const struct client_id_values *values)
{
	struct slice id = values->client;
	struct variable_piece piece;

	while (variable_next(&pattern, &piece)) {
		if (piece.variable == VARIABLE_CLIENT) {
			size_t behind = count_fixed(pattern, values);

			if (id.len <= behind)
				return false;
			(void)slice_take(&id, id.len - behind);
		} else if (!take_text(&id, client_id_text(&piece, values))) {
			return false;
		}
	}
	return id.len == 0;
}

static bool rewrite(struct slice pattern, const struct client_id_values *values,
                    char *buffer, size_t size, struct slice *result)
{
	struct variable_piece piece;
	size_t len = 0;

	while (variable_next(&pattern, &piece)) {
		struct slice text = client_id_text(&piece, values);

		if (text.len == 0 || text.len > size - len)
			return false;
		memcpy(buffer + len, text.data, text.len);
		len += text.len;
	}
	*result = (struct slice){ (const uint8_t *)buffer, len };
	return true;
}

bool client_id_apply(const struct client_id_rule *rule,
                     const struct client_id_values *values, char *buffer,
                     size_t size, struct slice *result)
{
	switch (rule->kind) {
	case CLIENT_ID_KIND_MATCH:
		if (!is_match(rule->pattern, values))
			return false;
		break;
	case CLIENT_ID_KIND_REWRITE:
		return rewrite(rule->pattern, values, buffer, size, result);
	case CLIENT_ID_KIND_ANY:
		break;
	}
	*result = values->client;
	return true;
}
