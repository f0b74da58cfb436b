/* SPDX-License-Identifier: Apache-2.0 */
#include "doctor/notice.h"

#include <stddef.h>

#include "mqtt/utf8.h"
#include "json/scan.h"

#define DEPTH_MAX 16
#define IN_FRAME 1 /* depth of the frame's own fields */
#define IN_ERROR 2 /* of those of the object `error` */

struct collect {
	struct notice notice;
	size_t depth;
	bool is_in_error;
	struct slice key; /* of the value that comes next; with quotes */
};

struct place {
	const char *key; /* with its quotes */
	size_t offset;   /* of the slice in struct notice */
};

static const struct place frame_places[] = {
	{ "\"type\"", offsetof(struct notice, type) },
	{ "\"id\"", offsetof(struct notice, id) },
	{ "\"client_id\"", offsetof(struct notice, client_id) },
	{ "\"user\"", offsetof(struct notice, user) },
	{ "\"topic\"", offsetof(struct notice, topic) },
	{ "\"payload\"", offsetof(struct notice, payload) },
	{ "\"upstream\"", offsetof(struct notice, upstream) },
};

static const struct place error_places[] = {
	{ "\"code\"", offsetof(struct notice, error_code) },
	{ "\"name\"", offsetof(struct notice, error_name) },
	{ "\"message\"", offsetof(struct notice, error_message) },
};

static bool on_key(void *owner, struct slice text)
{
	struct collect *collect = owner;

	collect->key = text;
	return true;
}

static void put(struct collect *collect, const struct place *places,
                size_t count, struct slice value)
{
	for (size_t i = 0; i < count; i++) {
		if (slice_is(collect->key, places[i].key))
			*(struct slice *)(void *)((char *)&collect->notice +
			                          places[i].offset) = value;
	}
}

static void open_object(struct collect *collect)
{
	if (collect->depth == IN_FRAME)
		collect->is_in_error = slice_is(collect->key, "\"error\"");
	collect->depth++;
}

static bool on_value(void *owner, enum json_kind kind, struct slice text)
{
	struct collect *collect = owner;

	if (kind == JSON_OBJECT || kind == JSON_ARRAY) {
		open_object(collect);
		return true;
	}
	if (kind == JSON_STRING) {
		slice_take(&text, 1);
		text.len--;
	}
	if (collect->depth == IN_FRAME) {
		put(collect, frame_places,
		    sizeof frame_places / sizeof frame_places[0], text);
		if (kind == JSON_BOOLEAN &&
		    slice_is(collect->key, "\"success\""))
			collect->notice.is_success = slice_is(text, "true");
	} else if (collect->depth == IN_ERROR && collect->is_in_error) {
		put(collect, error_places,
		    sizeof error_places / sizeof error_places[0], text);
	}
	return true;
}

static bool on_end(void *owner, const uint8_t *end)
{
	struct collect *collect = owner;

	(void)end;
	collect->depth--;
	return true;
}

bool notice_read(struct slice text, struct notice *notice)
{
	static const struct json_scan_events events = {
		.on_key = on_key,
		.on_value = on_value,
		.on_end = on_end,
	};
	struct collect collect = { 0 };

	if (text.len == 0 || !mqtt_utf8_is_well_formed(text) ||
	    json_scan(text, DEPTH_MAX, &events, &collect) != JSON_SCAN_FINE ||
	    collect.notice.type.len == 0)
		return false;
	*notice = collect.notice;
	return true;
}
