/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The proxies of a listener: whose word on who the client is counts.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <sys/socket.h>

#include "base/attribute.h"
#include "base/slice.h"
#include "config/config.h"

struct trust;

/*
 * Reads trusted_proxies of `config`. Adds what is wrong to `problems`; NULL
 * when an error was among it, or there is no memory.
 */
struct trust *trust_create(const struct config_listener *config,
                           struct problems *problems);

/* Accepts NULL. */
void trust_destroy(struct trust *trust);

/* Whether the one at `address` is such a proxy. */
bool trust_has(const struct trust *trust,
               const struct sockaddr_storage *address);

/* proxy/forwarded.h, with the proxies of this listener. */
bool trust_read_forwarded(const struct trust *trust, struct slice value,
                          struct sockaddr_storage *client) MUST_CHECK;
