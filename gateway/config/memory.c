/* SPDX-License-Identifier: Apache-2.0 */
#include "config/memory.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "config/config.h"

struct memory_block {
	struct memory_block *next;
	max_align_t first; /* what the caller gets begins here */
};

void *memory_checked(void *memory)
{
	if (memory == NULL) {
		fputs("postern: out of memory at start-up\n", stderr);
		exit(EXIT_FAILURE);
	}
	return memory;
}

void *memory_take(struct config *config, size_t count, size_t size)
{
	size_t room = SIZE_MAX - sizeof(struct memory_block);
	struct memory_block *block;

	if (size != 0 && count > room / size)
		memory_checked(NULL);
	block = memory_checked(
	    calloc(1, sizeof(struct memory_block) + count * size));
	block->next = config->blocks;
	config->blocks = block;
	return &block->first;
}

char *memory_copy(struct config *config, const char *text)
{
	size_t len = strlen(text) + 1;

	return memcpy(memory_take(config, len, 1), text, len);
}

void memory_release(struct config *config)
{
	struct memory_block *block = config->blocks;

	while (block != NULL) {
		struct memory_block *next = block->next;

		free(block);
		block = next;
	}
	config->blocks = NULL;
}
