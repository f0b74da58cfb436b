/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Makes a configuration's text safe for libconfig, before libconfig sees it.
 *
 * libconfig 1.5 cuts 5000000000 down to 705032704, every release takes
 * 0xFFFFFFFF for -1, an unclosed comment for a comment, and "\x00" for the end
 * of a text. So whole numbers are written anew as 64-bit decimals (those that
 * are still too large as the largest), line by line as before, and what could
 * be misread is an error. Knows tokens only, no settings.
 */
#pragma once

#include <stddef.h>

struct problems;

/*
 * The rewritten text, to be freed, or NULL when `text` is not one; then the
 * errors in it, all of them, stand in `problems` as of `file`.
 */
char *rewrite_text(const char *file, const char *text, size_t len,
                   struct problems *problems);
