/* SPDX-License-Identifier: Apache-2.0 */
#include "json/scan.h"

#include <assert.h>
#include <stdalign.h>
#include <stdint.h>
#include <stdlib.h>

#include <yajl/yajl_parse.h>

#include "json/arena.h"

/* Enough for yajl and a text of SMALL_BYTES, nested as deep as can be. */
#define ROOM_BYTES 12288
#define SMALL_BYTES 2000
/* What yajl unescapes or finds cut it copies, doubling what it has. */
#define COPIES 4

struct scan {
	yajl_handle yajl;
	struct slice text;
	size_t at;    /* up to where all was told */
	size_t depth; /* objects and arrays that are open */
	size_t depth_max;
	bool is_malformed; /* though yajl would take it */
	bool is_at_end;    /* what is told now is a number that ends the text */
	const struct json_scan_events *events;
	void *owner;
};

static bool is_space(uint8_t octet)
{
	return octet == ' ' || octet == '\t' || octet == '\n' || octet == '\r';
}

/*
 * The token that yajl has just read. False: there is other white space before
 * it than JSON has.
 */
static bool take_token(struct scan *scan, struct slice *token)
{
	size_t end = scan->is_at_end ? scan->text.len
	                             : yajl_get_bytes_consumed(scan->yajl);
	const uint8_t *data = scan->text.data;

	while (scan->at < end &&
	       (is_space(data[scan->at]) || data[scan->at] == ',' ||
	        data[scan->at] == ':'))
		scan->at++;
	*token = (struct slice){ data + scan->at, end - scan->at };
	scan->at = end;
	if (token->data[0] == '\v' || token->data[0] == '\f')
		scan->is_malformed = true;
	return !scan->is_malformed;
}

static int tell(struct scan *scan, enum json_kind kind)
{
	struct slice token;

	return take_token(scan, &token) &&
	       (!scan->events ||
	        scan->events->on_value(scan->owner, kind, token));
}

static int on_null(void *owner)
{
	return tell(owner, JSON_NULL);
}

static int on_boolean(void *owner, int value)
{
	(void)value;
	return tell(owner, JSON_BOOLEAN);
}

static int on_number(void *owner, const char *text, size_t len)
{
	(void)text;
	(void)len;
	return tell(owner, JSON_NUMBER);
}

static int on_string(void *owner, const unsigned char *text, size_t len)
{
	(void)text;
	(void)len;
	return tell(owner, JSON_STRING);
}

static int on_key(void *owner, const unsigned char *text, size_t len)
{
	struct scan *scan = owner;
	struct slice token;

	(void)text;
	(void)len;
	return take_token(scan, &token) &&
	       (!scan->events || scan->events->on_key(scan->owner, token));
}

static int begin(struct scan *scan, enum json_kind kind)
{
	if (scan->depth == scan->depth_max) {
		scan->is_malformed = true;
		return false;
	}
	scan->depth++;
	return tell(scan, kind);
}

static int on_object(void *owner)
{
	return begin(owner, JSON_OBJECT);
}

static int on_array(void *owner)
{
	return begin(owner, JSON_ARRAY);
}

static int on_end(void *owner)
{
	struct scan *scan = owner;
	struct slice token;

	scan->depth--;
	return take_token(scan, &token) &&
	       (!scan->events ||
	        scan->events->on_end(scan->owner, token.data + token.len));
}

static const yajl_callbacks callbacks = {
	.yajl_null = on_null,
	.yajl_boolean = on_boolean,
	.yajl_number = on_number,
	.yajl_string = on_string,
	.yajl_start_map = on_object,
	.yajl_map_key = on_key,
	.yajl_end_map = on_end,
	.yajl_start_array = on_array,
	.yajl_end_array = on_end,
};

static yajl_status run(struct scan *scan, struct json_arena *arena)
{
	yajl_alloc_funcs functions = json_arena_functions(arena);
	yajl_status status;

	scan->yajl = yajl_alloc(&callbacks, &functions, scan);
	(void)yajl_config(scan->yajl, yajl_dont_validate_strings, 1);
	status = yajl_parse(scan->yajl, scan->text.data, scan->text.len);
	scan->is_at_end = true;
	if (status == yajl_status_ok)
		status = yajl_complete_parse(scan->yajl);
	yajl_free(scan->yajl);
	return status;
}

/* To yajl a string that is open to the end is nothing, behind a value. */
static bool is_all_told(struct scan *scan)
{
	while (scan->at < scan->text.len && is_space(scan->text.data[scan->at]))
		scan->at++;
	return scan->at == scan->text.len;
}

static enum json_scan scan_within(struct scan *scan, struct json_arena *arena)
{
	switch (run(scan, arena)) {
	case yajl_status_ok:
		return is_all_told(scan) ? JSON_SCAN_FINE : JSON_SCAN_MALFORMED;
	case yajl_status_client_canceled:
		return scan->is_malformed ? JSON_SCAN_MALFORMED
		                          : JSON_SCAN_STOPPED;
	case yajl_status_error:
		break;
	}
	return JSON_SCAN_MALFORMED;
}

enum json_scan json_scan(struct slice text, size_t depth,
                         const struct json_scan_events *events, void *owner)
{
	alignas(max_align_t) uint8_t room[ROOM_BYTES];
	struct scan scan = { .text = text,
		             .depth_max = depth,
		             .events = events,
		             .owner = owner };
	struct json_arena arena = { .memory = room, .size = sizeof(room) };
	enum json_scan answer;

	assert(depth <= JSON_SCAN_DEPTH_MAX);
	if (text.len > SIZE_MAX / COPIES - ROOM_BYTES)
		return JSON_SCAN_MEMORY;
	if (text.len <= SMALL_BYTES)
		return scan_within(&scan, &arena);
	arena.size += text.len * COPIES;
	arena.memory = malloc(arena.size);
	if (!arena.memory)
		return JSON_SCAN_MEMORY;
	answer = scan_within(&scan, &arena);
	free(arena.memory);
	return answer;
}
