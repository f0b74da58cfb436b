/* SPDX-License-Identifier: Apache-2.0 */
#include "upstream/paho_client.h"

#include <assert.h>
#include <stdio.h>
#include <stdlib.h>

#include "upstream/news.h"
#include "upstream/order.h"
#include "upstream/paho_message.h"
#include "upstream/paho_news.h"

#define QUEUE_MOST 1000 /* in Paho itself; ours are bounded long before it */
#define URI_BYTES 32

static bool create_handle(struct paho_client *client)
{
	const struct order_settings *settings = &client->opened->settings;
	MQTTAsync_createOptions options = MQTTAsync_createOptions_initializer;
	char uri[URI_BYTES];

	options.MQTTVersion = settings->version;
	options.maxBufferedMessages = QUEUE_MOST;
	snprintf(uri, sizeof uri, "tcp://127.0.0.1:%u",
	         (unsigned)settings->port);
	return MQTTAsync_createWithOptions(&client->handle, uri,
	                                   settings->token,
	                                   MQTTCLIENT_PERSISTENCE_NONE, NULL,
	                                   &options) == MQTTASYNC_SUCCESS &&
	       MQTTAsync_setCallbacks(client->handle, client, paho_on_lost,
	                              paho_on_message,
	                              NULL) == MQTTASYNC_SUCCESS &&
	       MQTTAsync_setDisconnected(client->handle, client,
	                                 paho_on_disconnected) ==
	           MQTTASYNC_SUCCESS;
}

void paho_client_destroy(struct paho_client *client)
{
	if (client->handle)
		MQTTAsync_destroy(&client->handle);
	order_destroy(client->opened);
	news_destroy(client->spare);
	free(client);
}

struct paho_client *paho_client_create(struct order *order,
                                       struct mailbox *news)
{
	struct paho_client *client = calloc(1, sizeof *client);
	struct news *spare = order->spare;

	order->spare = NULL;
	if (!client) {
		order_destroy(order);
		mailbox_post(news, &spare->item);
		return NULL;
	}
	client->news = news;
	client->id = order->client;
	client->opened = order;
	client->spare = spare;
	if (create_handle(client))
		return client;
	client->spare = NULL;
	paho_client_destroy(client);
	mailbox_post(news, &spare->item);
	return NULL;
}

static void set_will(const struct order *opened, MQTTAsync_willOptions *will,
                     MQTTAsync_connectOptions *options)
{
	if (!opened->settings.has_will)
		return;
	will->topicName = (const char *)opened->message.topic.data;
	will->payload.data = opened->message.payload.data;
	will->payload.len = (int)opened->message.payload.len;
	will->qos = opened->message.qos;
	will->retained = opened->message.is_retained;
	options->will = will;
}

static int connect5(struct paho_client *client,
                    MQTTAsync_connectOptions options)
{
	const struct order_settings *settings = &client->opened->settings;
	MQTTProperties properties = MQTTProperties_initializer;
	MQTTProperty expiry = {
		.identifier = MQTTPROPERTY_CODE_SESSION_EXPIRY_INTERVAL,
		.value.integer4 = settings->expiry_s,
	};

	options.cleansession = 0;
	options.cleanstart = settings->expiry_s == 0 ||
	                     (settings->begins_clean && !client->has_begun);
	options.onSuccess5 = paho_on_connected5;
	options.onFailure5 = paho_on_not_connected5;
	options.connectProperties = &properties;
	if (settings->expiry_s > 0 &&
	    MQTTProperties_add(&properties, &expiry) != 0)
		return MQTTASYNC_FAILURE;

	int rc = MQTTAsync_connect(client->handle, &options);

	MQTTProperties_free(&properties);
	return rc;
}

static int connect3(struct paho_client *client,
                    MQTTAsync_connectOptions options)
{
	options.cleansession = client->opened->settings.expiry_s == 0;
	options.onSuccess = paho_on_connected;
	options.onFailure = paho_on_not_connected;
	return MQTTAsync_connect(client->handle, &options);
}

static void connect_client(struct paho_client *client)
{
	const struct order_settings *settings = &client->opened->settings;
	MQTTAsync_connectOptions options = MQTTAsync_connectOptions_initializer;
	MQTTAsync_willOptions will = MQTTAsync_willOptions_initializer;
	bool is_5 = settings->version == MQTTVERSION_5;

	options.MQTTVersion = settings->version;
	options.keepAliveInterval = settings->keep_alive_s;
	options.connectTimeout = settings->connect_limit_s;
	options.context = client;
	options.maxInflight = QUEUE_MOST;
	set_will(client->opened, &will, &options);
	/* Waits for a callback under way, which may still look at what
	   connecting changes. */
	(void)MQTTAsync_isConnected(client->handle);

	int rc = is_5 ? connect5(client, options) : connect3(client, options);

	client->has_begun = true;

	if (rc != MQTTASYNC_SUCCESS)
		paho_post(client, NEWS_LOST, 0);
}

static void set_callbacks(MQTTAsync_responseOptions *options,
                          const struct paho_client *client,
                          MQTTAsync_onSuccess *success,
                          MQTTAsync_onSuccess5 *success5)
{
	if (client->opened->settings.version == MQTTVERSION_5) {
		options->onSuccess5 = success5;
		options->onFailure5 = paho_on_failed5;
	} else {
		options->onSuccess = success;
		options->onFailure = paho_on_failed;
	}
}

static int publish(struct paho_client *client, const struct order *order,
                   struct paho_errand *errand)
{
	const struct message *message = &order->message;
	MQTTAsync_responseOptions options =
	    MQTTAsync_responseOptions_initializer;
	int rc = MQTTASYNC_FAILURE;

	set_callbacks(&options, client, paho_on_published, paho_on_published5);
	options.context = errand;
	if (paho_properties_write(message->properties, &options.properties))
		rc = MQTTAsync_send(
		    client->handle, (const char *)message->topic.data,
		    (int)message->payload.len, message->payload.data,
		    message->qos, message->is_retained, &options);
	MQTTProperties_free(&options.properties);
	return rc;
}

static int subscribe(struct paho_client *client, const struct order *order,
                     struct paho_errand *errand)
{
	MQTTSubscribe_options plain = MQTTSubscribe_options_initializer;
	MQTTSubscribe_options list[UINT8_MAX];
	char *filters[UINT8_MAX];
	int qos[UINT8_MAX];
	MQTTAsync_responseOptions options =
	    MQTTAsync_responseOptions_initializer;

	for (size_t i = 0; i < order->filter_count; i++) {
		filters[i] = order->filters[i].text;
		qos[i] = order->filters[i].qos;
		list[i] = plain;
	}
	set_callbacks(&options, client, paho_on_subscribed,
	              paho_on_subscribed5);
	options.context = errand;
	if (client->opened->settings.version == MQTTVERSION_5) {
		options.subscribeOptionsCount = (int)order->filter_count;
		options.subscribeOptionsList = list;
	}
	return MQTTAsync_subscribeMany(client->handle, (int)order->filter_count,
	                               filters, qos, &options);
}

static int unsubscribe(struct paho_client *client, const struct order *order,
                       struct paho_errand *errand)
{
	char *filters[UINT8_MAX];
	MQTTAsync_responseOptions options =
	    MQTTAsync_responseOptions_initializer;

	for (size_t i = 0; i < order->filter_count; i++)
		filters[i] = order->filters[i].text;
	set_callbacks(&options, client, paho_on_unsubscribed,
	              paho_on_unsubscribed5);
	options.context = errand;
	return MQTTAsync_unsubscribeMany(
	    client->handle, (int)order->filter_count, filters, &options);
}

/*
 * Without a connection it is interrupted at once. Without memory the client is
 * broken: asked for again, it might come behind what is to follow it.
 */
static void run_errand(struct paho_client *client, const struct order *order,
                       int (*call)(struct paho_client *, const struct order *,
                                   struct paho_errand *))
{
	struct paho_errand *errand = calloc(1, sizeof *errand);

	assert(order->filter_count <= UINT8_MAX);
	if (!errand) {
		paho_post_broken(client);
		return;
	}
	*errand =
	    (struct paho_errand){ client, order->number, order->filter_count };
	if (call(client, order, errand) == MQTTASYNC_SUCCESS)
		return;
	free(errand);
	paho_post(client, NEWS_INTERRUPTED, order->number);
}

void paho_client_carry_out(struct paho_client *client,
                           const struct order *order)
{
	switch (order->type) {
	case ORDER_CONNECT:
		connect_client(client);
		break;
	case ORDER_PUBLISH:
		run_errand(client, order, publish);
		break;
	case ORDER_SUBSCRIBE:
		run_errand(client, order, subscribe);
		break;
	case ORDER_UNSUBSCRIBE:
		run_errand(client, order, unsubscribe);
		break;
	case ORDER_OPEN:
	case ORDER_CLOSE:
	case ORDER_STOP:
		break;
	}
}
