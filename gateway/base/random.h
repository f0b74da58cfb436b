/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Names that nobody can guess.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "base/attribute.h"

/*
 * Writes `octets` random ones as hex digits, two each, and a NUL. False: the
 * system gives none.
 */
bool random_hex(char *text, size_t octets) MUST_CHECK;
