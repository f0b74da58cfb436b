/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Numbers that a service manager leaves in the environment.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

/* Digits only, above 0; else 0. */
uint64_t environment_number(const char *name);

/* Whether `name` holds the number of this process. */
bool environment_is_ours(const char *name);
