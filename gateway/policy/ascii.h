/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Letters and digits as HTTP and URIs mean them: US-ASCII, whatever the
 * locale says. Any octet may be asked about.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "base/slice.h"

bool ascii_is_alpha(uint8_t octet);
bool ascii_is_digit(uint8_t octet);

/* The lower case letter of an upper case one; any other octet as it is. */
uint8_t ascii_fold(uint8_t octet);

/* Whether both are the same but for the case of their letters. */
bool ascii_same(struct slice a, struct slice b);
