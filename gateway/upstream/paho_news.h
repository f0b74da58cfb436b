/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What Paho calls back: each makes a piece of news of it and posts it to the
 * event loop. They run in Paho's threads under its lock: none may call Paho or
 * wait for anything but the mailbox.
 */
#pragma once

#include <stddef.h>
#include <stdint.h>

#include <MQTTAsync.h>

#include "upstream/news.h"

struct paho_client;

/* A request on its way through Paho, whose context it is; freed by the one
   callback that comes for it. */
struct paho_errand {
	struct paho_client *client;
	uint64_t number;
	size_t count; /* filters */
};

/* News without anything to them. */
void paho_post(struct paho_client *client, enum news_type type,
               uint64_t number);

/* There is no memory for what it is to do. */
void paho_post_broken(struct paho_client *client);

/* Of a client, which is the context. */
int paho_on_message(void *context, char *topic, int topic_len,
                    MQTTAsync_message *message);
void paho_on_lost(void *context, char *cause);
void paho_on_disconnected(void *context, MQTTProperties *properties,
                          enum MQTTReasonCodes reason);
void paho_on_connected5(void *context, MQTTAsync_successData5 *success);
void paho_on_connected(void *context, MQTTAsync_successData *success);
void paho_on_not_connected5(void *context, MQTTAsync_failureData5 *failure);
void paho_on_not_connected(void *context, MQTTAsync_failureData *failure);

/* Of an errand, which is the context. */
void paho_on_published5(void *context, MQTTAsync_successData5 *success);
void paho_on_published(void *context, MQTTAsync_successData *success);
void paho_on_subscribed5(void *context, MQTTAsync_successData5 *success);
void paho_on_subscribed(void *context, MQTTAsync_successData *success);
void paho_on_unsubscribed5(void *context, MQTTAsync_successData5 *success);
void paho_on_unsubscribed(void *context, MQTTAsync_successData *success);
void paho_on_failed5(void *context, MQTTAsync_failureData5 *failure);
void paho_on_failed(void *context, MQTTAsync_failureData *failure);
