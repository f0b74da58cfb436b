/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The addresses of a broker, and which of them to try next.
 *
 * A target is one entry of an upstream's `servers`. An upstream keeps the
 * order of the configuration, but a target that failed is put last for ten
 * seconds, so that one dead broker of several costs nobody a time-out.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/socket.h>

#include "base/attribute.h"
#include "base/close.h"
#include "config/config.h"
#include "upstream/blame.h"

struct tls_upstream;

struct target {
	char *host;    /* a name to be looked up, owned; NULL: none is needed */
	uint16_t port; /* with `host` */
	struct sockaddr_storage address; /* without `host`: where it is */
	/* What its certificate has to name, owned; NULL: it speaks no TLS. */
	char *server_name;
	const char *url;       /* as configured; borrowed */
	uint64_t failed_at_ms; /* loop time of the last failure; 0: none */
	struct blame blame;    /* what was said about its failures */
};

struct upstream {
	const struct config_upstream *config;
	struct target *targets; /* in the order of the configuration */
	size_t target_count;
	size_t reached;           /* the last one that took a connection */
	struct tls_upstream *tls; /* lent; NULL: no target speaks TLS */
};

/*
 * Reads the servers of `config`, which must outlive the result. Adds what is
 * wrong to `problems`; NULL when an error was among it.
 */
struct upstream *upstream_create(const struct config_upstream *config,
                                 struct problems *problems);
void upstream_destroy(struct upstream *upstream);

/* Whether one of its servers is spoken to in TLS. */
bool upstream_has_tls(const struct upstream *upstream);

/*
 * It failed at `now_ms`, in words: tried last for a while, and `event`, with
 * what sessions end with for it, goes into the log unless that was said lately.
 */
void target_failed(struct target *target, uint64_t now_ms, const char *event,
                   enum close_reason reason, const char *why);

/* It has said something. */
void target_answered(struct target *target);

/*
 * Gives the order in which to try the targets at `now_ms`: `order` has room
 * for target_count indices.
 */
void upstream_order(const struct upstream *upstream, uint64_t now_ms,
                    size_t *order);
