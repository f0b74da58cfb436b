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
#include "base/log.h"
#include "config/config.h"

struct target {
	char *host;    /* a name to be looked up, owned; NULL: none is needed */
	uint16_t port; /* with `host` */
	struct sockaddr_storage address; /* without `host`: where it is */
	const char *url;                 /* as configured; borrowed */
	uint64_t failed_at_ms;      /* loop time of the last failure; 0: none */
	struct log_limit log_limit; /* of lines about its failures */
};

struct upstream {
	const struct config_upstream *config;
	struct target *targets; /* in the order of the configuration */
	size_t target_count;
	size_t reached; /* the last one that took a connection */
};

/*
 * Reads the servers of `config`, which must outlive the result. Adds what is
 * wrong to `problems`; NULL when an error was among it.
 */
struct upstream *upstream_create(const struct config_upstream *config,
                                 struct problems *problems);
void upstream_destroy(struct upstream *upstream);

/*
 * Gives the order in which to try the targets at `now_ms`: `order` has room
 * for target_count indices.
 */
void upstream_order(const struct upstream *upstream, uint64_t now_ms,
                    size_t *order);
