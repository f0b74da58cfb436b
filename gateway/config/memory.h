/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The memory of a configuration: taken piece by piece while it is read, given
 * back all at once by config_unload.
 *
 * Start-up only. Out of memory ends the program with a message, so nothing
 * here fails.
 */
#pragma once

#include <stddef.h>

struct config;

/* Gives `memory` back, unless it is NULL: then the program ends. */
void *memory_checked(void *memory);

/* Zeroed, for `count` things of `size` bytes; lives as long as `config`. */
void *memory_take(struct config *config, size_t count, size_t size);

/* A copy of `text` that lives as long as `config`. */
char *memory_copy(struct config *config, const char *text);

/* Gives back everything that was taken for `config`. */
void memory_release(struct config *config);
