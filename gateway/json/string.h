/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What stands between the quotes of a JSON string, and the escapes in it.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/slice.h"

/*
 * Whether `string`, valid JSON, has every escaped surrogate in a pair; else it
 * stands for no text.
 */
bool json_string_is_whole(struct slice string);

/*
 * Writes a whole string over itself without its escapes, which is never
 * longer; gives its length.
 */
size_t json_string_unescape(uint8_t *string, size_t len);
