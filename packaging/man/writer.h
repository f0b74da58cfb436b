/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A form that the settings can be written in.
 */
#pragma once

#include <stdio.h>

struct entry;

struct writer {
	const char *name; /* on the command line */
	void (*write)(const struct entry *entry, FILE *out);
};

extern const struct writer writer_markdown;
extern const struct writer writer_scdoc;
