/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What the admin socket is asked for: status, who, reload and drain.
 *
 * The socket is where the configuration that serves says (admin/admin_path).
 */
#pragma once

#include <stdbool.h>

#include "admin/admin.h"
#include "admin/inquiry.h"
#include "process/reload.h"

struct requests {
	uv_loop_t *loop;
	struct succession *succession;
	struct reload *reload;
	struct inquiries inquiries;
	void (*on_drain)(void *owner); /* the end is wanted */
	void *owner;
	struct admin *admin; /* NULL: there is no socket */
	unsigned generation; /* whose configuration it is of */
	time_t since;        /* the program began, for people */
};

/*
 * Of `requests` all but the last three are set. After each turn of the loop:
 * opens the socket that the serving configuration names, if it is another one.
 */
void requests_step(struct requests *requests);

/* At the end, in the master; and in a worker, before its loop. */
void requests_close(struct requests *requests);
void requests_forget(struct requests *requests);
