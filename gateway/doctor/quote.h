/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Bytes of strangers, made fit to be read on a terminal.
 */
#pragma once

#include "base/slice.h"

#define QUOTE_BYTES 320

struct quote {
	char text[QUOTE_BYTES];
};

/*
 * In quotes, with whatever is not printable ASCII escaped; what is too long
 * ends in dots. Lives as long as the expression: quote(name).text.
 */
struct quote quote(struct slice bytes);
struct quote quote_text(const char *text);
