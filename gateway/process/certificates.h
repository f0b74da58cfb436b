/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Certificates, authorities and revocation lists that are renewed while the
 * gateway serves: the master looks at their files, checks what is new, and has
 * it shown by all workers or none.
 *
 * Files that were touched less than a second ago are left alone: perhaps not
 * all that belong together are there yet.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <uv.h>

#include "base/attribute.h"
#include "config/problem.h"
#include "process/notices.h"
#include "process/succession.h"
#include "tls/listener.h"

enum certificates_step {
	CERTIFICATES_NOTHING = 0, /* nothing has come to its end */
	CERTIFICATES_SAME,        /* they were looked at: none is new */
	CERTIFICATES_CHANGED,     /* all workers show what is new */
	CERTIFICATES_FAILED,      /* nothing has changed: see the log */
};

struct certificates {
	struct succession *succession;
	uv_timer_t look; /* the next one */
	bool is_asked;   /* for a look at once, whose end is told */
	bool is_under_way;
	unsigned generation;        /* that what follows is about; 0: none */
	size_t count;               /* of its listeners */
	struct tls_listener **next; /* by listener */
	struct tls_stamps *refused; /* by listener; said once */
	struct notices notices;
};

/* `succession` is set; looks every ten seconds from now on. */
void certificates_open(struct certificates *certificates, uv_loop_t *loop);

/* Frees what it has; its timer goes with the loop. */
void certificates_finish(struct certificates *certificates);

/* Looks at once, or when that may be. */
void certificates_ask(struct certificates *certificates);

/* After each turn of the loop. What was not asked for is told, too. */
enum certificates_step certificates_step(struct certificates *certificates);
