/* SPDX-License-Identifier: Apache-2.0 */
#include "upstream/paho.h"

#include <assert.h>
#include <stdatomic.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <MQTTAsync.h>
#include <uv.h>

#include "mqtt/ack.h"
#include "upstream/news.h"
#include "upstream/order.h"
#include "upstream/paho_message.h"

#define QUEUE_MOST 1000 /* in Paho itself; ours are bounded long before it */
#define URI_BYTES 32

/* Of the owner thread; Paho's own threads only read `id` and `news`. */
struct paho_client {
	struct mailbox *news;
	uint64_t id;
	MQTTAsync handle;
	struct order *opened;         /* its settings and its will */
	_Atomic(struct news *) spare; /* tells when there is no memory */
};

struct paho {
	struct mailbox orders;
	struct mailbox *news;
	uv_sem_t due; /* up when there are orders */
	uv_thread_t thread;
	bool is_stopping;
	struct paho_client *clients[PAHO_SLOTS];
};

/* A request on its way through Paho, which gives it back once. */
struct errand {
	struct paho_client *client;
	uint64_t number;
	size_t count; /* filters */
};

/* News, from whatever thread. */

/* NULL: there was no memory for them, so that the client cannot go on. */
static void post(struct paho_client *client, struct news *news)
{
	if (!news)
		news = atomic_exchange(&client->spare, NULL);
	if (news)
		mailbox_post(client->news, &news->item);
}

static void post_plain(struct paho_client *client, enum news_type type,
                       uint64_t number)
{
	post(client, news_create(type, client->id, number, 0));
}

static void post_codes(const struct errand *errand, const uint8_t *codes,
                       size_t count)
{
	struct news *news = news_create(NEWS_ANSWERED, errand->client->id,
	                                errand->number, count);

	if (news) {
		memcpy(news->bytes, codes, count);
		news->code_count = count;
	}
	post(errand->client, news);
}

static int on_message(void *context, char *topic, int topic_len,
                      MQTTAsync_message *message)
{
	struct paho_client *client = context;
	struct news *news =
	    paho_message_read(client->id, topic, topic_len, message);

	post(client, news);
	MQTTAsync_freeMessage(&message);
	MQTTAsync_free(topic);
	return 1; /* 0 would put it into a queue that does not drain */
}

static void on_lost(void *context, char *cause)
{
	(void)cause;
	post_plain(context, NEWS_LOST, 0);
}

/* Then Paho does not call on_lost [1.3.12, MQTTAsync_receiveThread]. */
static void on_disconnected(void *context, MQTTProperties *properties,
                            enum MQTTReasonCodes reason)
{
	(void)properties;
	(void)reason;
	post_plain(context, NEWS_LOST, 0);
}

static void post_connected(struct paho_client *client, bool has_session,
                           uint16_t receive_max)
{
	struct news *news = news_create(NEWS_CONNECTED, client->id, 0, 0);

	if (news) {
		news->has_session = has_session;
		news->receive_max = receive_max;
	}
	post(client, news);
}

static void on_connected5(void *context, MQTTAsync_successData5 *success)
{
	const enum MQTTPropertyCodes code = MQTTPROPERTY_CODE_RECEIVE_MAXIMUM;
	int receive_max = UINT16_MAX;

	if (MQTTProperties_hasProperty(&success->properties, code))
		receive_max =
		    MQTTProperties_getNumericValue(&success->properties, code);
	post_connected(context, success->alt.connect.sessionPresent != 0,
	               (uint16_t)receive_max);
}

static void on_connected(void *context, MQTTAsync_successData *success)
{
	post_connected(context, success->alt.connect.sessionPresent != 0,
	               UINT16_MAX);
}

static void on_not_connected5(void *context, MQTTAsync_failureData5 *failure)
{
	(void)failure;
	post_plain(context, NEWS_LOST, 0);
}

static void on_not_connected(void *context, MQTTAsync_failureData *failure)
{
	(void)failure;
	post_plain(context, NEWS_LOST, 0);
}

/* What was published. */

static void on_written(struct errand *errand)
{
	post_plain(errand->client, NEWS_WRITTEN, errand->number);
}

static void on_published5(void *context, MQTTAsync_successData5 *success)
{
	struct errand *errand = context;
	const uint8_t code = 0;

	if (success->alt.pub.message.qos == 0)
		on_written(errand);
	else
		post_codes(errand, &code, 1);
	free(errand);
}

static void on_published(void *context, MQTTAsync_successData *success)
{
	struct errand *errand = context;
	const uint8_t code = 0;

	if (success->alt.pub.message.qos == 0)
		on_written(errand);
	else
		post_codes(errand, &code, 1);
	free(errand);
}

/* What was subscribed to and from. */

static void on_subscribed5(void *context, MQTTAsync_successData5 *success)
{
	struct errand *errand = context;
	uint8_t codes[UINT8_MAX] = { (uint8_t)success->reasonCode };

	for (size_t i = 0; i < errand->count && errand->count > 1; i++)
		codes[i] = (uint8_t)success->alt.sub.reasonCodes[i];
	post_codes(errand, codes, errand->count);
	free(errand);
}

static void on_subscribed(void *context, MQTTAsync_successData *success)
{
	struct errand *errand = context;
	uint8_t codes[UINT8_MAX] = { 0 };

	if (errand->count == 1)
		codes[0] = (uint8_t)success->alt.qos;
	for (size_t i = 0; i < errand->count && errand->count > 1; i++)
		codes[i] = (uint8_t)success->alt.qosList[i];
	post_codes(errand, codes, errand->count);
	free(errand);
}

static void on_unsubscribed5(void *context, MQTTAsync_successData5 *success)
{
	struct errand *errand = context;
	uint8_t codes[UINT8_MAX] = { (uint8_t)success->reasonCode };

	for (size_t i = 0; i < errand->count && errand->count > 1; i++)
		codes[i] = (uint8_t)success->alt.unsub.reasonCodes[i];
	post_codes(errand, codes, errand->count);
	free(errand);
}

static void on_unsubscribed(void *context, MQTTAsync_successData *success)
{
	struct errand *errand = context;
	const uint8_t codes[UINT8_MAX] = { 0 }; /* 3.x has none */

	(void)success;
	post_codes(errand, codes, errand->count);
	free(errand);
}

static void on_failed5(void *context, MQTTAsync_failureData5 *failure)
{
	struct errand *errand = context;
	uint8_t code = (uint8_t)failure->reasonCode;

	if (failure->code >= 0 && failure->reasonCode >= MQTT_REASON_FAILURE)
		post_codes(errand, &code, 1);
	else
		post_plain(errand->client, NEWS_INTERRUPTED, errand->number);
	free(errand);
}

static void on_failed(void *context, MQTTAsync_failureData *failure)
{
	struct errand *errand = context;
	uint8_t code = (uint8_t)failure->code;

	if (failure->code >= MQTT_REASON_FAILURE)
		post_codes(errand, &code, 1);
	else
		post_plain(errand->client, NEWS_INTERRUPTED, errand->number);
	free(errand);
}

/* Orders, in the owner thread. */

static struct paho_client **place_of(struct paho *paho, uint64_t id)
{
	return &paho->clients[id & (PAHO_SLOTS - 1)];
}

static struct paho_client *find(struct paho *paho, uint64_t id)
{
	struct paho_client *client = *place_of(paho, id);

	return client && client->id == id ? client : NULL;
}

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
	       MQTTAsync_setCallbacks(client->handle, client, on_lost,
	                              on_message, NULL) == MQTTASYNC_SUCCESS &&
	       MQTTAsync_setDisconnected(client->handle, client,
	                                 on_disconnected) == MQTTASYNC_SUCCESS;
}

static void destroy_client(struct paho_client *client)
{
	if (client->handle)
		MQTTAsync_destroy(&client->handle);
	order_destroy(client->opened);
	news_destroy(client->spare);
	free(client);
}

/* Takes the order: true. */
static bool open_client(struct paho *paho, struct order *order)
{
	struct paho_client *client = calloc(1, sizeof *client);

	if (!client)
		return false;
	client->news = paho->news;
	client->id = order->client;
	client->opened = order;
	client->spare = news_create(NEWS_BROKEN, order->client, 0, 0);
	if (client->spare && create_handle(client)) {
		*place_of(paho, order->client) = client;
		return true;
	}
	destroy_client(client);
	return true;
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
                    MQTTAsync_connectOptions *options)
{
	const struct order_settings *settings = &client->opened->settings;
	MQTTProperties properties = MQTTProperties_initializer;
	MQTTProperty expiry = {
		.identifier = MQTTPROPERTY_CODE_SESSION_EXPIRY_INTERVAL,
		.value.integer4 = settings->expiry_s,
	};

	options->cleansession = 0;
	options->cleanstart = settings->expiry_s == 0;
	options->onSuccess5 = on_connected5;
	options->onFailure5 = on_not_connected5;
	if (settings->expiry_s > 0 &&
	    MQTTProperties_add(&properties, &expiry) != 0)
		return MQTTASYNC_FAILURE;
	options->connectProperties = &properties;

	int rc = MQTTAsync_connect(client->handle, options);

	MQTTProperties_free(&properties);
	return rc;
}

static int connect3(struct paho_client *client,
                    MQTTAsync_connectOptions *options)
{
	options->cleansession = client->opened->settings.expiry_s == 0;
	options->onSuccess = on_connected;
	options->onFailure = on_not_connected;
	return MQTTAsync_connect(client->handle, options);
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

	int rc = is_5 ? connect5(client, &options) : connect3(client, &options);

	if (rc != MQTTASYNC_SUCCESS)
		post_plain(client, NEWS_LOST, 0);
}

static void set_callbacks(MQTTAsync_responseOptions *options,
                          const struct paho_client *client,
                          MQTTAsync_onSuccess *success,
                          MQTTAsync_onSuccess5 *success5)
{
	if (client->opened->settings.version == MQTTVERSION_5) {
		options->onSuccess5 = success5;
		options->onFailure5 = on_failed5;
	} else {
		options->onSuccess = success;
		options->onFailure = on_failed;
	}
}

static int publish(struct paho_client *client, const struct order *order,
                   struct errand *errand)
{
	const struct message *message = &order->message;
	MQTTAsync_responseOptions options =
	    MQTTAsync_responseOptions_initializer;
	int rc = MQTTASYNC_FAILURE;

	set_callbacks(&options, client, on_published, on_published5);
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
                     struct errand *errand)
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
	set_callbacks(&options, client, on_subscribed, on_subscribed5);
	options.context = errand;
	if (client->opened->settings.version == MQTTVERSION_5) {
		options.subscribeOptionsCount = (int)order->filter_count;
		options.subscribeOptionsList = list;
	}
	return MQTTAsync_subscribeMany(client->handle, (int)order->filter_count,
	                               filters, qos, &options);
}

static int unsubscribe(struct paho_client *client, const struct order *order,
                       struct errand *errand)
{
	char *filters[UINT8_MAX];
	MQTTAsync_responseOptions options =
	    MQTTAsync_responseOptions_initializer;

	for (size_t i = 0; i < order->filter_count; i++)
		filters[i] = order->filters[i].text;
	set_callbacks(&options, client, on_unsubscribed, on_unsubscribed5);
	options.context = errand;
	return MQTTAsync_unsubscribeMany(
	    client->handle, (int)order->filter_count, filters, &options);
}

/* Without a connection, or without memory, it is interrupted at once. */
static void run_errand(struct paho_client *client, const struct order *order,
                       int (*call)(struct paho_client *, const struct order *,
                                   struct errand *))
{
	struct errand *errand = calloc(1, sizeof *errand);
	int rc = MQTTASYNC_FAILURE;

	assert(order->filter_count <= UINT8_MAX);
	if (errand) {
		*errand = (struct errand){ client, order->number,
			                   order->filter_count };
		rc = call(client, order, errand);
	}
	if (rc == MQTTASYNC_SUCCESS)
		return;
	free(errand);
	post_plain(client, NEWS_INTERRUPTED, order->number);
}

static void close_client(struct paho *paho, struct paho_client *client)
{
	*place_of(paho, client->id) = NULL;
	destroy_client(client);
}

/* An order for a client that could not be opened: it has no connection. */
static void refuse(struct paho *paho, const struct order *order)
{
	struct news *news;

	if (order->type != ORDER_CONNECT)
		return;
	news = news_create(NEWS_LOST, order->client, 0, 0);
	if (news)
		mailbox_post(paho->news, &news->item);
}

static void carry_out(struct paho *paho, struct paho_client *client,
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
	case ORDER_CLOSE:
		close_client(paho, client);
		break;
	case ORDER_OPEN:
	case ORDER_STOP:
		break;
	}
}

static void take(struct paho *paho, struct order *order)
{
	struct paho_client *client = find(paho, order->client);

	if (order->type == ORDER_STOP)
		paho->is_stopping = true;
	else if (order->type == ORDER_OPEN && open_client(paho, order))
		return;
	else if (client)
		carry_out(paho, client, order);
	else
		refuse(paho, order);
	order_destroy(order);
}

static void run(void *owner)
{
	struct paho *paho = owner;

	while (!paho->is_stopping) {
		struct mailbox_item *item;

		uv_sem_wait(&paho->due);
		for (item = mailbox_take(&paho->orders); item;) {
			struct order *order = (struct order *)item;

			item = item->next;
			take(paho, order);
		}
	}
	for (size_t i = 0; i < PAHO_SLOTS; i++) {
		if (paho->clients[i])
			close_client(paho, paho->clients[i]);
	}
}

static void on_orders(void *owner)
{
	struct paho *paho = owner;

	uv_sem_post(&paho->due);
}

struct paho *paho_start(struct mailbox *news)
{
	MQTTAsync_init_options options = MQTTAsync_init_options_initializer;
	struct paho *paho = calloc(1, sizeof *paho);

	if (!paho)
		return NULL;
	unsetenv("MQTT_C_CLIENT_TRACE"); /* it would write payloads to a file */
	unsetenv("http_proxy");          /* nobody is to be between us */
	unsetenv("https_proxy");
	options.do_openssl_init = 0;
	MQTTAsync_global_init(&options);
	paho->news = news;
	if (uv_sem_init(&paho->due, 0) == 0 &&
	    mailbox_init(&paho->orders, on_orders, paho) &&
	    uv_thread_create(&paho->thread, run, paho) == 0)
		return paho;
	free(paho);
	return NULL;
}

void paho_send(struct paho *paho, struct order *order)
{
	mailbox_post(&paho->orders, &order->item);
}

void paho_stop(struct paho *paho)
{
	struct order *stop = paho ? order_create(ORDER_STOP, 0, 0) : NULL;

	if (!stop)
		return;
	paho_send(paho, stop);
	uv_thread_join(&paho->thread);
	mailbox_finish(&paho->orders);
	uv_sem_destroy(&paho->due);
	free(paho);
}
