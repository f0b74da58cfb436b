/* SPDX-License-Identifier: Apache-2.0 */
#include "base/record.h"

#include <string.h>
#include <time.h>

#define NOTHING "-"
#define CUT "..."
#define CUT_LEN (sizeof CUT - 1)

const char *record_word(enum record_text text)
{
	static const char *const words[RECORD_TEXTS] = {
		[RECORD_ID] = "session",
		[RECORD_USER] = "user",
		[RECORD_FROM] = "from",
		[RECORD_ORIGIN] = "origin",
		[RECORD_ROUTE] = "route",
		[RECORD_LISTENER] = "listener",
		[RECORD_TLS] = "tls",
		[RECORD_CLIENT_ID] = "client_id",
		[RECORD_UPSTREAM] = "upstream",
		[RECORD_LOCAL] = "local",
	};

	return words[text];
}

uint64_t record_now_ms(void)
{
	struct timespec now;

	clock_gettime(CLOCK_REALTIME, &now);
	return (uint64_t)now.tv_sec * 1000 + (uint64_t)now.tv_nsec / 1000000;
}

static const char *text_of(const struct record *record, int text)
{
	const char *value = record->texts[text];

	return value ? value : NOTHING;
}

/* What all texts take when none is longer than `most`. */
static size_t bytes_within(const struct record *record, size_t most)
{
	size_t sum = 0;

	for (int i = 0; i < RECORD_TEXTS; i++)
		sum += strnlen(text_of(record, i), most) + 1;
	return sum;
}

/* How long a text may be, so that all have room. */
static size_t longest(const struct record *record)
{
	size_t most = RECORD_TEXT_BYTES;

	while (bytes_within(record, most) > RECORD_TEXT_BYTES)
		most--;
	return most;
}

static bool is_inside_character(char octet)
{
	return ((unsigned char)octet & 0xc0) == 0x80;
}

/* Copies `text`, or what of it fits; gives the place behind its NUL. */
static char *put(char *at, const char *text, size_t most)
{
	size_t len = strnlen(text, most + 1);

	if (len <= most) {
		memcpy(at, text, len + 1);
		return at + len + 1;
	}
	len = most - CUT_LEN;
	while (len > 0 && is_inside_character(text[len]))
		len--;
	memcpy(at, text, len);
	memcpy(at + len, CUT, sizeof CUT);
	return at + len + sizeof CUT;
}

void record_pack(const struct record *record, struct record_packed *out)
{
	size_t most = longest(record);
	char *at;

	*out = (struct record_packed){
		.since_ms = record->since_ms,
		.until_ms = record->until_ms,
		.worker = record->worker,
		.sort = (uint16_t)record->sort,
		.reason = (uint16_t)record->reason,
	};
	at = out->texts;
	for (int i = 0; i < RECORD_TEXTS; i++)
		at = put(at, text_of(record, i), most);
}

static bool find_texts(const struct record_packed *packed, const char **texts)
{
	const char *at = packed->texts;
	const char *end = at + RECORD_TEXT_BYTES;

	for (int i = 0; i < RECORD_TEXTS; i++) {
		const char *nul = memchr(at, '\0', (size_t)(end - at));

		if (!nul)
			return false;
		texts[i] = at;
		at = nul + 1;
	}
	return true;
}

bool record_unpack(const struct record_packed *packed, struct record *out)
{
	struct record record = {
		.since_ms = packed->since_ms,
		.until_ms = packed->until_ms,
		.worker = packed->worker,
	};

	if (packed->sort >= RECORD_SORTS || packed->reason >= CLOSE_REASONS)
		return false;
	if (!find_texts(packed, record.texts))
		return false;
	record.sort = (enum record_sort)packed->sort;
	record.reason = (enum close_reason)packed->reason;
	*out = record;
	return true;
}
