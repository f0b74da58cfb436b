/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What the tests of this room ask of a list of problems.
 */
#pragma once

#include <stdbool.h>

#include "config/problem.h"

/* Parts of a configuration that are right: one line each. */
#define GOOD_LISTENERS "listeners = ( { address = \"::1\"; port = 8083; } );\n"
#define GOOD_UPSTREAMS                                                         \
	"upstreams = ( { name = \"a\"; servers = [\"mqtt://a\"]; } );\n"
#define GOOD_ROUTES                                                            \
	"routes = ( { path = \"/\"; upstream = \"a\"; origins = [\"self\"]; "  \
	"} );\n"
#define GOOD GOOD_LISTENERS GOOD_UPSTREAMS GOOD_ROUTES

/* Fails the test unless there is an error, or warning, with `text` in it. */
void expect_error(const struct problems *problems, unsigned line,
                  const char *text);
void expect_warning(const struct problems *problems, unsigned line,
                    const char *text);

/* Fails the test unless there are just so many; prints them if not. */
void expect_counts(const struct problems *problems, size_t errors,
                   size_t warnings);
