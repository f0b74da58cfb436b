/* SPDX-License-Identifier: Apache-2.0 */
/*
 * One client on Paho, in the thread that owns them all. What it has to tell
 * goes to the mailbox of the event loop (upstream/paho_news).
 */
#pragma once

#include <stdatomic.h>
#include <stdint.h>

#include <MQTTAsync.h>

#include "base/mailbox.h"

struct news;
struct order;

/* Paho's own threads only read `id` and `news`, and take `spare`. */
struct paho_client {
	struct mailbox *news;
	uint64_t id;
	MQTTAsync handle;
	bool has_begun;               /* to connect, once at least */
	struct order *opened;         /* its settings and its will */
	_Atomic(struct news *) spare; /* tells when there is no memory */
};

/* Takes ORDER_OPEN; NULL: Paho, or the memory, did not let it be, and told. */
struct paho_client *paho_client_create(struct order *order,
                                       struct mailbox *news);

/* Tells of all that is under way that it was interrupted; then never again. */
void paho_client_destroy(struct paho_client *client);

/* ORDER_CONNECT, PUBLISH, SUBSCRIBE, UNSUBSCRIBE. */
void paho_client_carry_out(struct paho_client *client,
                           const struct order *order);
