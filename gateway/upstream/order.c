/* SPDX-License-Identifier: Apache-2.0 */
#include "upstream/order.h"

#include <stdlib.h>
#include <string.h>

#include "upstream/news.h"

struct order *order_create(enum order_type type, uint64_t client,
                           uint64_t number)
{
	struct order *order = calloc(1, sizeof *order);

	if (!order)
		return NULL;
	order->type = type;
	order->client = client;
	order->number = number;
	return order;
}

void order_destroy(struct order *order)
{
	if (!order)
		return;
	for (size_t i = 0; i < order->filter_count; i++)
		free(order->filters[i].text);
	free(order->filters);
	news_destroy(order->spare);
	free(order->bytes);
	free(order);
}

bool order_put_message(struct order *order, const struct message *message)
{
	uint8_t *at = malloc(message->topic.len + 1 + message->payload.len +
	                     message->properties.len);

	if (!at)
		return false;
	order->bytes = at;
	order->message = *message;
	order->message.topic = slice_put(&at, message->topic);
	*at++ = '\0';
	order->message.payload = slice_put(&at, message->payload);
	order->message.properties = slice_put(&at, message->properties);
	return true;
}

bool order_put_filters(struct order *order, size_t count)
{
	order->filters = calloc(count, sizeof order->filters[0]);
	return order->filters != NULL;
}

bool order_put_filter(struct order *order, struct slice filter, uint8_t qos)
{
	char *text = strndup((const char *)filter.data, filter.len);

	if (!text)
		return false;
	order->filters[order->filter_count++] =
	    (struct order_filter){ .text = text, .qos = qos };
	return true;
}
