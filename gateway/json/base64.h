/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Base64 of the standard alphabet, with padding [RFC 4648 4].
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/attribute.h"
#include "base/slice.h"

/* Characters for `len` octets. */
size_t json_base64_length(size_t len);

/* Writes those characters of `bytes` at `place`. */
void json_base64_write(uint8_t *place, struct slice bytes);

/*
 * Writes what `text` stands for over itself, and gives its length. Strict:
 * false for white space, for missing padding, for bits that say nothing and
 * are not 0. What stands there then is of no use.
 */
MUST_CHECK bool json_base64_read(uint8_t *text, size_t text_len, size_t *len);
