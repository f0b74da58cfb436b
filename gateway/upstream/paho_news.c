/* SPDX-License-Identifier: Apache-2.0 */
#include "upstream/paho_news.h"

#include <stdlib.h>
#include <string.h>

#include "mqtt/ack.h"
#include "upstream/paho_client.h"
#include "upstream/paho_message.h"

/* NULL: there was no memory for them, so that the client cannot go on. */
static void post(struct paho_client *client, struct news *news)
{
	if (!news)
		news = atomic_exchange(&client->spare, NULL);
	if (news)
		mailbox_post(client->news, &news->item);
}

void paho_post(struct paho_client *client, enum news_type type, uint64_t number)
{
	post(client, news_create(type, client->id, number, 0));
}

void paho_post_broken(struct paho_client *client)
{
	post(client, NULL);
}

static void post_codes(const struct paho_errand *errand, const uint8_t *codes,
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

int paho_on_message(void *context, char *topic, int topic_len,
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

void paho_on_lost(void *context, char *cause)
{
	(void)cause;
	paho_post(context, NEWS_LOST, 0);
}

/* Then Paho does not call on_lost [1.3.12, MQTTAsync_receiveThread]. */
void paho_on_disconnected(void *context, MQTTProperties *properties,
                          enum MQTTReasonCodes reason)
{
	(void)properties;
	(void)reason;
	paho_post(context, NEWS_LOST, 0);
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

void paho_on_connected5(void *context, MQTTAsync_successData5 *success)
{
	const enum MQTTPropertyCodes code = MQTTPROPERTY_CODE_RECEIVE_MAXIMUM;
	uint16_t receive_max = UINT16_MAX;

	if (MQTTProperties_hasProperty(&success->properties, code))
		receive_max = (uint16_t)MQTTProperties_getNumericValue(
		    &success->properties, code);
	post_connected(context, success->alt.connect.sessionPresent != 0,
	               receive_max);
}

void paho_on_connected(void *context, MQTTAsync_successData *success)
{
	post_connected(context, success->alt.connect.sessionPresent != 0,
	               UINT16_MAX);
}

void paho_on_not_connected5(void *context, MQTTAsync_failureData5 *failure)
{
	(void)failure;
	paho_post(context, NEWS_LOST, 0);
}

void paho_on_not_connected(void *context, MQTTAsync_failureData *failure)
{
	(void)failure;
	paho_post(context, NEWS_LOST, 0);
}

/* What was published. */

static void published(struct paho_errand *errand, int qos)
{
	const uint8_t code = 0;

	if (qos == 0)
		paho_post(errand->client, NEWS_WRITTEN, errand->number);
	else
		post_codes(errand, &code, 1);
	free(errand);
}

void paho_on_published5(void *context, MQTTAsync_successData5 *success)
{
	published(context, success->alt.pub.message.qos);
}

void paho_on_published(void *context, MQTTAsync_successData *success)
{
	published(context, success->alt.pub.message.qos);
}

/* What was subscribed to and from. */

void paho_on_subscribed5(void *context, MQTTAsync_successData5 *success)
{
	struct paho_errand *errand = context;
	uint8_t codes[UINT8_MAX] = { (uint8_t)success->reasonCode };

	for (size_t i = 0; i < errand->count && errand->count > 1; i++)
		codes[i] = (uint8_t)success->alt.sub.reasonCodes[i];
	post_codes(errand, codes, errand->count);
	free(errand);
}

void paho_on_subscribed(void *context, MQTTAsync_successData *success)
{
	struct paho_errand *errand = context;
	uint8_t codes[UINT8_MAX] = { 0 };

	if (errand->count == 1)
		codes[0] = (uint8_t)success->alt.qos;
	for (size_t i = 0; i < errand->count && errand->count > 1; i++)
		codes[i] = (uint8_t)success->alt.qosList[i];
	post_codes(errand, codes, errand->count);
	free(errand);
}

/* A broker may answer for fewer, or more, than it was asked. */
void paho_on_unsubscribed5(void *context, MQTTAsync_successData5 *success)
{
	struct paho_errand *errand = context;
	size_t given = (size_t)success->alt.unsub.reasonCodeCount;
	uint8_t codes[UINT8_MAX];

	memset(codes, (int)success->reasonCode, sizeof codes);
	for (size_t i = 0; given > 1 && i < given && i < errand->count; i++)
		codes[i] = (uint8_t)success->alt.unsub.reasonCodes[i];
	post_codes(errand, codes, errand->count);
	free(errand);
}

void paho_on_unsubscribed(void *context, MQTTAsync_successData *success)
{
	struct paho_errand *errand = context;
	const uint8_t codes[UINT8_MAX] = { 0 }; /* 3.x has none */

	(void)success;
	post_codes(errand, codes, errand->count);
	free(errand);
}

void paho_on_failed5(void *context, MQTTAsync_failureData5 *failure)
{
	struct paho_errand *errand = context;
	uint8_t code = (uint8_t)failure->reasonCode;

	if (failure->code >= 0 && failure->reasonCode >= MQTT_REASON_FAILURE)
		post_codes(errand, &code, 1);
	else
		paho_post(errand->client, NEWS_INTERRUPTED, errand->number);
	free(errand);
}

void paho_on_failed(void *context, MQTTAsync_failureData *failure)
{
	struct paho_errand *errand = context;
	uint8_t code = (uint8_t)failure->code;

	if (failure->code >= MQTT_REASON_FAILURE)
		post_codes(errand, &code, 1);
	else
		paho_post(errand->client, NEWS_INTERRUPTED, errand->number);
	free(errand);
}
