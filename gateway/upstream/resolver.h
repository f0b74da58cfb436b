/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Finds the addresses of a broker's name, off the loop.
 *
 * However many ask for one name at a time, it is looked up once. Nothing is
 * remembered: the next connect asks again, so a changed answer is used.
 */
#pragma once

#include <netdb.h>
#include <stdbool.h>

#include <uv.h>

struct resolver;
struct lookup; /* one waiting asker */

/* Look-ups at a time are half of these: libuv keeps the rest for files. */
#define RESOLVER_THREADS "16"

/*
 * `found` is the list of stream addresses, good until the call returns, or
 * NULL with `why` in words.
 */
typedef void lookup_done(void *owner, const struct addrinfo *found,
                         const char *why);

/* Borrows `loop`. */
struct resolver *resolver_create(uv_loop_t *loop);

/* Nobody may be waiting any more; look-ups under way end by themselves. */
void resolver_destroy(struct resolver *resolver);

/*
 * Asks for `host` and `port`; `done` is called once, never from inside this
 * call. NULL, and no call, when there is no memory.
 */
struct lookup *resolver_find(struct resolver *resolver, const char *host,
                             uint16_t port, lookup_done *done, void *owner);

/* Whether a look-up is under way, wanted or not: the loop waits for it. */
bool resolver_is_busy(const struct resolver *resolver);

/* No longer wants the answer; not after `done` was called. */
void lookup_cancel(struct lookup *lookup);
