/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Frames from a page, and what the room says of them. A frame is read from
 * memory of just its length, which is gone when its request is looked at.
 */
#pragma once

#include <stddef.h>
#include <stdint.h>

#include "base/slice.h"
#include "json/request.h"

#define LENGTH(array) (sizeof(array) / sizeof((array)[0]))

/* The latest request: it goes with the next one. */
const struct json_request *frame_read(enum json_read expected,
                                      const char *text);
const struct json_request *frame_fine(const char *text);

/* Any octets. */
const struct json_request *frame_octets(enum json_read expected,
                                        struct slice octets);

/* Refused with this code, to this id (JSON text; "": none). */
void frame_refused(uint8_t code, const char *id, const char *text);

void frame_malformed(const char *text);

/* Gives back what the latest request holds. */
int frame_teardown(void **state);

void assert_slice(struct slice slice, const char *text);
void assert_octets(struct slice slice, const void *octets, size_t len);

/* `times` copies of `text`, for free(). */
char *repeat(const char *text, size_t times);

/* The three one after the other, for free(). */
char *compose(const char *before, const char *part, const char *after);
