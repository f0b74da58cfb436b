/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The part of config/check.h that is about routes.
 */
#pragma once

#include <stddef.h>

struct config;
struct problems;

/* Checks route number `index`, also against those before it. */
void check_route(const struct config *config, size_t index,
                 struct problems *problems);
