/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Which file stands at a path, told without reading it: another stamp is
 * another file, or another content.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

struct tls_stamp {
	uint64_t device; /* all are 0 when there is no file */
	uint64_t inode;
	uint64_t size;
	uint64_t changed_ns; /* the later of both its times, Unix clock */
};

struct tls_stamp tls_stamp_of_path(const char *path);
struct tls_stamp tls_stamp_of_file(FILE *file);

/* Whether it was changed less than `ms` ago: perhaps somebody is still at it.
 */
bool tls_stamp_is_younger(const struct tls_stamp *stamp, uint64_t ms);

/* Several at once, in an order: others have another print. */
struct tls_stamps {
	uint64_t print;
};

void tls_stamps_add(struct tls_stamps *stamps, const struct tls_stamp *stamp);

bool tls_stamps_are(const struct tls_stamps *stamps,
                    const struct tls_stamps *others);
