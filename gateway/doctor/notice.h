/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A frame that a page gets on a json route: what the doctor wants to know of
 * it. Pure.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "base/attribute.h"
#include "base/slice.h"

/* Strings are as in the frame, without their quotes, escapes and all. */
struct notice {
	struct slice type;
	struct slice id; /* the raw value */
	struct slice client_id;
	struct slice user;
	struct slice topic;
	struct slice payload;
	struct slice upstream; /* of a status */
	bool is_success;
	struct slice error_code; /* the raw number */
	struct slice error_name;
	struct slice error_message;
};

/* The slices point into `text`. False: no JSON object with a type. */
MUST_CHECK bool notice_read(struct slice text, struct notice *notice);
