/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The grammar of JSON, octet by octet, with nothing of the gateway's in it.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "base/slice.h"

#define JSON_GRAMMAR_DEPTH 2048

/* Whether `text`, UTF-8, is one value [RFC 8259] that deep at most. */
bool json_grammar_holds(struct slice text, size_t depth);
