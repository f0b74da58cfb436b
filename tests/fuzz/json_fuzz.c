/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Laws: what is JSON, a slow reader that knows the grammar says too; a payload
 * that is no string stands in the frame as it is handed out; what a request
 * says, written back as a frame, reads the same; whatever is written is JSON.
 *
 * The input is a frame from a page, and is a payload to one.
 */
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/slice.h"
#include "mqtt/utf8.h"
#include "json/answer.h"
#include "json/request.h"
#include "json/text.h"

#include "json_frame.h"
#include "json_grammar.h"

#define INPUT_MAX 65536

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void expect(bool law)
{
	if (!law)
		abort();
}

static bool stands_in(struct slice whole, struct slice part)
{
	return part.len == 0 ||
	       memmem(whole.data, whole.len, part.data, part.len) != NULL;
}

/* A page that gave a string may have had it unescaped. */
static void check_payload(struct slice frame, struct slice payload)
{
	if (!stands_in(frame, payload))
		expect(memchr(frame.data, '\\', frame.len) != NULL ||
		       memmem(frame.data, frame.len, "base64", 6) != NULL);
}

static void check_again(const struct json_request *request)
{
	struct json_request again;
	struct json_text text;

	json_text_init(&text);
	expect(json_frame_write(&text, request));
	expect(json_request_read(json_text_written(&text), &again) ==
	       JSON_READ_FINE);
	expect(json_frame_is_same(request, &again));
	json_request_finish(&again);
	json_text_finish(&text);
}

static void check_refusal(const struct json_request *request)
{
	struct json_text text;

	json_text_init(&text);
	expect(request->error.code >= 0x80 && request->error.message != NULL);
	expect(json_answer_refusal(&text, request->id, &request->error));
	expect(json_is_value(json_text_written(&text)));
	json_text_finish(&text);
}

static void check_frame(struct slice frame)
{
	struct json_request request;
	enum json_read answer = json_request_read(frame, &request);

	if (answer == JSON_READ_FINE || answer == JSON_READ_REFUSED)
		expect(json_grammar_holds(frame, JSON_DEPTH));
	expect((answer == JSON_READ_BAD_UTF8) ==
	       !mqtt_utf8_is_well_formed(frame));
	if (answer == JSON_READ_FINE) {
		check_payload(frame, request.payload);
		check_again(&request);
	}
	if (answer == JSON_READ_REFUSED)
		check_refusal(&request);
	json_request_finish(&request);
}

static void check_message(struct slice payload, enum json_form form)
{
	struct json_message message = { .topic = slice_from_text("a"),
		                        .payload = payload,
		                        .form = form };
	struct json_text text;

	message.properties.correlation_data = payload;
	json_text_init(&text);
	expect(json_answer_message(&text, &message));
	expect(json_grammar_holds(json_text_written(&text),
	                          JSON_PAYLOAD_DEPTH + 1));
	if (form == JSON_FORM_JSON && json_is_value(payload))
		expect(stands_in(json_text_written(&text), payload));
	if (mqtt_utf8_is_well_formed(payload)) {
		expect(json_wrap_text(&text, payload));
		expect(json_is_value(json_text_written(&text)));
	}
	json_text_finish(&text);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct slice input = { data, size };

	if (size > INPUT_MAX)
		return 0;
	expect(json_is_value(input) ==
	       (mqtt_utf8_is_well_formed(input) &&
	        json_grammar_holds(input, JSON_PAYLOAD_DEPTH)));
	check_frame(input);
	check_message(input, JSON_FORM_AUTO);
	check_message(input, JSON_FORM_JSON);
	check_message(input, JSON_FORM_BASE64);
	return 0;
}
