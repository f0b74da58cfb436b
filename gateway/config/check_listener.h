/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The part of config/check.h that is about listeners.
 */
#pragma once

#include <stddef.h>

#include "config/problem.h"

struct address;
struct config;
struct config_text;

/* Checks listener number `index`, also against those before it. */
void check_listener(const struct config *config, size_t index,
                    struct problems *problems);

/*
 * Adds an error of `place` when `address` cannot be bound beside one of the
 * first `count` listeners.
 */
void check_listener_beside(const struct config *config, size_t count,
                           const struct address *address,
                           struct config_place place,
                           struct problems *problems);

/* The same for a path that one of them has already; not set is fine. */
void check_listener_unix_beside(const struct config *config, size_t count,
                                const struct config_text *path,
                                struct problems *problems);
