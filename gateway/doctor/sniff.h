/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What stands on a port, if it is not what was expected: asked with a
 * connection of its own, in which nothing of a user's goes out.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>
#include <sys/socket.h>

struct secure;

/* Whether it answers a plain request of HTTP. */
bool sniff_http(const struct sockaddr_storage *address, const char *host,
                uint64_t deadline_us);

/* Whether it speaks TLS; of the certificate nothing is asked. */
bool sniff_tls(const struct sockaddr_storage *address, struct secure *secure,
               uint64_t deadline_us);

/* Whether it is an MQTT broker, without WebSocket. */
bool sniff_mqtt(const struct sockaddr_storage *address, uint64_t deadline_us);
