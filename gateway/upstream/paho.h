/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The clients of a worker, on Eclipse Paho MQTT C, and the one thread that
 * makes every call of it.
 *
 * The event loop never calls Paho, which may block: it posts orders and gets
 * news. Each of an order's requests that has a number comes back in exactly
 * one of the news (answered, or interrupted; of QoS 0 also written before),
 * but for what is under way when its client is closed or loses its connection:
 * then it may come late, twice, or as far as SUBSCRIBE and UNSUBSCRIBE go,
 * never.
 *
 * Each client connects to a port of this very process (upstream/loopback);
 * Paho sees no other network. While its socket there is open it must be read
 * until Paho closes it: a PUBLISH that Paho cannot write makes 1.3.12 use
 * memory it has freed.
 */
#pragma once

#include <stddef.h>

#include "base/attribute.h"
#include "base/mailbox.h"

struct order;
struct paho;

/* A client is a slot below PAHO_SLOTS and a generation. */
#define PAHO_SLOTS 2048
#define PAHO_SLOT_BITS 11

/* Starts the thread; what it has to tell goes to `news`. NULL: it cannot. */
struct paho *paho_start(struct mailbox *news);

/* Takes the order. */
void paho_send(struct paho *paho, struct order *order);

/* Orders that its thread has not carried out yet. */
size_t paho_orders(const struct paho *paho);

/* Ends all clients and the thread; waits for it. Accepts NULL. */
void paho_stop(struct paho *paho);
