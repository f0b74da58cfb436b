/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What a page is told when something it asked for was not done: a reason code
 * of MQTT 5 [MQTT5 2.4], its name, and what to do about it.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

/* Those that this room answers with; the broker's may be any. */
enum json_code {
	JSON_CODE_MALFORMED = 129,
	JSON_CODE_PROTOCOL = 130,
	JSON_CODE_SPECIFIC = 131, /* its names are our own */
	JSON_CODE_NOT_AUTHORIZED = 135,
	JSON_CODE_FILTER = 143,
	JSON_CODE_TOPIC = 144,
	JSON_CODE_TOO_LARGE = 149,
	JSON_CODE_QUOTA = 151,
	JSON_CODE_PAYLOAD = 153,
	JSON_CODE_QOS = 155,
};

struct json_error {
	uint8_t code;
	const char *name;    /* snake_case; borrowed for good */
	const char *message; /* UTF-8; says what to do, echoes no input */
	bool is_temporary;   /* the same may be done later */
};

/* The name of a reason code, borrowed for good; of none that MQTT 5 knows,
 * `unspecified_error`. */
const char *json_error_name(uint8_t code);

/* Not temporary; the name is that of `code`, `message` is borrowed for good. */
struct json_error json_error_of(uint8_t code, const char *message);

/* The two of code 131: never done here, and no response in time. */
struct json_error json_error_not_supported(const char *message);
struct json_error json_error_timeout(void);
