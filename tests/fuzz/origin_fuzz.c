/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Origins: the input is lines; the last is what a browser presents, the
 * others are entries of a route.
 *
 * Laws: a value that is let in is, written out in full by another, slow
 * reader, the same text as an entry; letters may change their case on the
 * way without changing the verdict, `null` excepted.
 */
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/slice.h"
#include "policy/host.h"
#include "policy/origin_list.h"

#define TEXT_MAX 1024
#define GROUPS 8

/* Another writing of an origin: every part spelt out, letters folded. */
struct plain {
	char scheme[TEXT_MAX];
	char host[TEXT_MAX];
	char port[TEXT_MAX];
};

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void expect(bool law)
{
	if (!law)
		abort();
}

static void copy_text(char *out, const char *text, size_t len)
{
	expect(len < TEXT_MAX);
	memcpy(out, text, len);
	out[len] = '\0';
}

static void fold(char *text)
{
	for (; *text != '\0'; text++) {
		if (*text >= 'A' && *text <= 'Z')
			*text = (char)(*text | 0x20);
	}
}

/* Writes the groups of `text`, a piece of an IPv6 address; their number. */
static int write_groups(char *text, unsigned *groups)
{
	int count = 0;
	char *mark;

	for (char *piece = strtok_r(text, ":", &mark); piece;
	     piece = strtok_r(NULL, ":", &mark)) {
		unsigned a, b, c, d;

		expect(count < GROUPS);
		if (sscanf(piece, "%u.%u.%u.%u", &a, &b, &c, &d) == 4) {
			groups[count++] = a << 8 | b;
			expect(count < GROUPS);
			groups[count++] = c << 8 | d;
		} else {
			groups[count++] = (unsigned)strtoul(piece, NULL, 16);
		}
	}
	return count;
}

/* "[::1]" becomes "[0:0:0:0:0:0:0:1]", in place. */
static void spell_out_ipv6(char *host)
{
	unsigned head[GROUPS] = { 0 }, tail[GROUPS] = { 0 };
	char copy[TEXT_MAX];
	char *gap;
	int heads, tails = 0;

	copy_text(copy, host + 1, strlen(host + 1));
	*strchr(copy, ']') = '\0';
	gap = strstr(copy, "::");
	if (gap) {
		*gap = '\0';
		tails = write_groups(gap + 2, tail);
	}
	heads = write_groups(copy, head);
	expect(heads + tails <= GROUPS && (gap || heads == GROUPS));
	for (int i = 0; i < tails; i++)
		head[GROUPS - tails + i] = tail[i];
	snprintf(host, TEXT_MAX, "[%x:%x:%x:%x:%x:%x:%x:%x]", head[0], head[1],
	         head[2], head[3], head[4], head[5], head[6], head[7]);
}

/* Takes `text` apart by its marks; what it holds else is not looked at. */
static struct plain spell_out(const char *text)
{
	struct plain plain = { 0 };
	const char *host = strstr(text, "://");
	const char *colon;

	expect(host != NULL);
	snprintf(plain.scheme, sizeof(plain.scheme), "%.*s", (int)(host - text),
	         text);
	copy_text(plain.host, host + 3, strlen(host + 3));
	colon = strrchr(plain.host, ':');
	if (colon && !strchr(colon, ']')) {
		copy_text(plain.port, colon + 1, strlen(colon + 1));
		plain.host[colon - plain.host] = '\0';
	}
	fold(plain.scheme);
	fold(plain.host);
	if (plain.port[0] == '\0' && strcmp(plain.scheme, "http") == 0)
		copy_text(plain.port, "80", 2);
	if (plain.port[0] == '\0' && strcmp(plain.scheme, "https") == 0)
		copy_text(plain.port, "443", 3);
	if (plain.host[0] == '[')
		spell_out_ipv6(plain.host);
	return plain;
}

static bool host_covers(const char *entry, const char *presented)
{
	size_t entry_len = strlen(entry);
	size_t len = strlen(presented);

	if (strncmp(entry, "*.", 2) != 0)
		return strcmp(entry, presented) == 0;
	return len > entry_len - 1 &&
	       strcmp(presented + len - (entry_len - 1), entry + 1) == 0;
}

/* The slow comparison of two texts. */
static bool covers(const char *entry, const char *presented)
{
	struct plain a, b;

	if (strcmp(presented, "null") == 0 || strcmp(entry, "null") == 0)
		return strcmp(presented, entry) == 0;
	if (strcmp(entry, "*") == 0)
		return true;
	a = spell_out(entry);
	b = spell_out(presented);
	if (strcmp(a.port, "*") == 0)
		memcpy(a.port, b.port, sizeof(a.port));
	return strcmp(a.scheme, b.scheme) == 0 && strcmp(a.port, b.port) == 0 &&
	       host_covers(a.host, b.host);
}

static bool is_null_in_any_case(struct slice value)
{
	char text[8] = "";

	value = header_trim(value);
	if (value.len != 4)
		return false;
	memcpy(text, value.data, value.len);
	fold(text);
	return strcmp(text, "null") == 0;
}

/* Gives every letter of `value` the case `bit` and judges again. */
static enum close_reason judge_with_case(const struct origin_list *list,
                                         struct slice value, uint8_t bit)
{
	struct header header = { .presence = HEADER_ONE };
	uint8_t *copy = malloc(value.len + 1);
	enum close_reason reason;

	expect(copy != NULL);
	for (size_t i = 0; i < value.len; i++) {
		uint8_t lower = value.data[i] | 0x20;

		copy[i] = value.data[i];
		if (lower >= 'a' && lower <= 'z')
			copy[i] = (uint8_t)((copy[i] & 0xDF) | bit);
	}
	header.value = (struct slice){ copy, value.len };
	reason = origin_list_check(list, CONFIG_ABSENT_DENY, false, &header);
	free(copy);
	return reason;
}

static bool is_covered(char **entries, size_t count, struct slice value)
{
	char presented[TEXT_MAX];

	value = header_trim(value);
	copy_text(presented, (const char *)value.data, value.len);
	for (size_t i = 0; i < count; i++) {
		if (covers(entries[i], presented))
			return true;
	}
	return false;
}

static void check_laws(const struct origin_list *list, char **entries,
                       struct slice value)
{
	struct header header = { HEADER_ONE, value };
	struct host_list no_names = { 0 };
	enum close_reason reason =
	    origin_list_check(list, CONFIG_ABSENT_ALLOW, true, &header);
	struct origin presented;

	if (reason != CLOSE_ORIGIN_MALFORMED) {
		bool is_in = is_covered(entries, list->count, value);

		expect(is_in == (reason == CLOSE_NONE));
		expect(origin_read(value, &presented));
	}
	if (!is_null_in_any_case(value)) {
		expect(judge_with_case(list, value, 0x20) == reason);
		expect(judge_with_case(list, value, 0) == reason);
	}
	(void)host_check(&no_names, &header);
}

/* The entries of `text`, its lines but the last; those that can be read. */
static size_t read_entries(char *text, char **entries, struct origin_list *list)
{
	char *mark;

	for (char *line = strtok_r(text, "\n", &mark); line;
	     line = strtok_r(NULL, "\n", &mark)) {
		struct origin origin;

		if (strlen(line) >= TEXT_MAX ||
		    origin_read_entry(slice_from_text(line), &origin) !=
		        ORIGIN_FINE)
			continue;
		entries[list->count] = line;
		expect(origin_list_add(list, &origin));
	}
	return list->count;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const uint8_t *last = size > 0 ? memrchr(data, '\n', size) : NULL;
	size_t head_len = last ? (size_t)(last - data) : 0;
	size_t value_at = last ? head_len + 1 : 0;
	struct origin_list list = { 0 };
	char *text = malloc(head_len + 1);
	char **entries = calloc(head_len + 1, sizeof(*entries));

	expect(text && entries);
	if (head_len > 0)
		memcpy(text, data, head_len);
	text[head_len] = '\0';
	read_entries(text, entries, &list);
	check_laws(&list, entries,
	           (struct slice){ value_at > 0 ? data + value_at : data,
	                           size - value_at });
	origin_list_finish(&list);
	free(entries);
	free(text);
	return 0;
}
