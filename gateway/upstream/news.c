/* SPDX-License-Identifier: Apache-2.0 */
#include "upstream/news.h"

#include <stdlib.h>
#include <string.h>

struct news *news_create(enum news_type type, uint64_t client, uint64_t number,
                         size_t size)
{
	struct news *news = calloc(1, sizeof *news + size);

	if (!news)
		return NULL;
	news->type = type;
	news->client = client;
	news->number = number;
	return news;
}

void news_destroy(struct news *news)
{
	free(news);
}

struct news *news_of_message(uint64_t client, const struct message *message,
                             size_t properties_size)
{
	size_t topic = message->topic.len;
	size_t payload = message->payload.len;
	struct news *news = news_create(NEWS_MESSAGE, client, 0,
	                                topic + payload + properties_size);

	if (!news)
		return NULL;
	memcpy(news->bytes, message->topic.data, topic);
	if (payload > 0)
		memcpy(news->bytes + topic, message->payload.data, payload);
	news->message = (struct message){
		.topic = { news->bytes, topic },
		.payload = { news->bytes + topic, payload },
		.properties = { news->bytes + topic + payload, 0 },
		.qos = message->qos,
		.is_retained = message->is_retained,
	};
	return news;
}
