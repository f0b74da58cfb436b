/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Tells the service manager how the master is, in datagrams as sd_notify(3)
 * describes them, to the socket that NOTIFY_SOCKET names; and feeds its
 * watchdog, as long as the loop turns.
 *
 * Without that variable, nothing is said. Nothing here waits, and nothing
 * fails: a manager that does not listen has itself to blame.
 */
#pragma once

#include <stddef.h>
#include <stdint.h>
#include <sys/socket.h>
#include <sys/un.h>

#include <uv.h>

struct notify {
	int fd; /* -1: nobody wants to know */
	struct sockaddr_un address;
	socklen_t address_len;
	uint64_t watchdog_us; /* without a word for so long, we hang; 0: off */
	uv_timer_t feed;
};

/*
 * Reads what the manager left in the environment, and takes it away from
 * there, so that no child is misled.
 */
void notify_open(struct notify *notify);

/* Says no more; in a worker, right after the fork. */
void notify_close(struct notify *notify);

/* Feeds the watchdog, if there is one, until the loop's handles are closed. */
void notify_feed(struct notify *notify, uv_loop_t *loop);

/* All listeners accept: at the start, and again when a reload is over. */
void notify_ready(const struct notify *notify, size_t workers,
                  size_t listeners);

/* A reload begins. */
void notify_reloading(const struct notify *notify);

/* The end begins, with `sessions` to see off. */
void notify_stopping(const struct notify *notify, uint64_t sessions);
