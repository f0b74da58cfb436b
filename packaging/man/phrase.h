/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A text that grows as it is written.
 */
#pragma once

#include <stdio.h>

struct phrase {
	FILE *out; /* where to write it */
	char *text;
	size_t len;
};

void phrase_begin(struct phrase *phrase);

/* Gives the text, to be freed; ends the phrase. */
char *phrase_end(struct phrase *phrase);
