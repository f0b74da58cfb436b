/* SPDX-License-Identifier: Apache-2.0 */
#include "page/outbox.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

static struct request *add(struct outbox *outbox, enum request_kind kind,
                           size_t size)
{
	struct request *request = calloc(1, sizeof *request + size);

	if (!request)
		return NULL;
	request->kind = kind;
	request->number = ++outbox->numbers;
	request->size = sizeof *request + size;
	if (outbox->last)
		outbox->last->next = request;
	else
		outbox->first = request;
	outbox->last = request;
	outbox->count++;
	if (kind == REQUEST_PUBLISH)
		outbox->publishes++;
	outbox->bytes += request->size;
	return request;
}

struct request *outbox_put_publish(struct outbox *outbox, struct slice tag,
                                   const struct message *message)
{
	struct request *request =
	    add(outbox, REQUEST_PUBLISH,
	        tag.len + message->topic.len + message->payload.len +
	            message->properties.len);
	uint8_t *at;

	if (!request)
		return NULL;
	at = request->bytes;
	request->tag = slice_put(&at, tag);
	request->message = *message;
	request->message.topic = slice_put(&at, message->topic);
	request->message.payload = slice_put(&at, message->payload);
	request->message.properties = slice_put(&at, message->properties);
	return request;
}

struct request *outbox_put_filters(struct outbox *outbox,
                                   enum request_kind kind, struct slice tag,
                                   const struct client_filter *filters,
                                   size_t count)
{
	size_t texts = tag.len;
	struct request *request;
	uint8_t *at;

	for (size_t i = 0; i < count; i++)
		texts += filters[i].filter.len;
	request = add(outbox, kind, count * sizeof filters[0] + texts);
	if (!request)
		return NULL;
	/* `bytes` follows pointers, so that it is aligned for them. */
	request->filters = (struct client_filter *)(void *)request->bytes;
	request->filter_count = count;
	at = request->bytes + count * sizeof filters[0];
	request->tag = slice_put(&at, tag);
	for (size_t i = 0; i < count; i++) {
		request->filters[i] = filters[i];
		request->filters[i].filter = slice_put(&at, filters[i].filter);
	}
	return request;
}

void outbox_hurry(struct outbox *outbox, struct request *request)
{
	struct request **at = &outbox->first;
	struct request *before = NULL;

	assert(outbox->last == request);
	if (outbox->first == request)
		return;
	while (*at != request) {
		before = *at;
		at = &(*at)->next;
	}
	*at = NULL;
	outbox->last = before;
	request->next = outbox->first;
	outbox->first = request;
}

struct request *outbox_find(const struct outbox *outbox, uint64_t number)
{
	struct request *request = outbox->first;

	while (request && request->number != number)
		request = request->next;
	return request;
}

struct request *outbox_next(const struct outbox *outbox)
{
	struct request *request = outbox->first;

	while (request && request->state != REQUEST_WAITING)
		request = request->next;
	return request;
}

void outbox_mark_sent(struct outbox *outbox, struct request *request)
{
	assert(request->state == REQUEST_WAITING);
	request->state = REQUEST_SENT;
	request->sent = ++outbox->sends;
	outbox->under_way++;
}

void outbox_mark_waiting(struct outbox *outbox, struct request *request)
{
	if (request->state == REQUEST_WAITING)
		return;
	request->state = REQUEST_WAITING;
	outbox->under_way--;
}

static bool is_sent(const struct request *request, uint8_t qos)
{
	return request->kind == REQUEST_PUBLISH &&
	       request->message.qos == qos &&
	       (request->state == REQUEST_SENT ||
	        request->state == REQUEST_WRITTEN);
}

struct request *outbox_find_sent(const struct outbox *outbox, uint8_t qos,
                                 struct slice topic, size_t payload)
{
	struct request *found = NULL;

	for (struct request *r = outbox->first; r; r = r->next) {
		if (is_sent(r, qos) && r->message.payload.len == payload &&
		    slice_equals(r->message.topic, topic) &&
		    (!found || r->sent < found->sent))
			found = r;
	}
	return found;
}

void outbox_mark_passed(struct outbox *outbox, uint8_t qos, struct slice topic,
                        size_t payload)
{
	struct request *request = outbox_find_sent(outbox, qos, topic, payload);

	if (request)
		request->state = REQUEST_PASSED;
}

struct request *outbox_passed(struct outbox *outbox, struct slice topic,
                              size_t payload)
{
	struct request *passed = outbox_find_sent(outbox, 0, topic, payload);

	if (!passed)
		return NULL;
	for (struct request *r = outbox->first; r; r = r->next) {
		if (is_sent(r, 0) && r->sent < passed->sent)
			outbox_mark_waiting(outbox, r);
	}
	return passed;
}

void outbox_lost(struct outbox *outbox)
{
	for (struct request *r = outbox->first; r; r = r->next) {
		if (r->state == REQUEST_WRITTEN || r->kind != REQUEST_PUBLISH)
			outbox_mark_waiting(outbox, r);
		else if (r->state == REQUEST_PASSED)
			r->state = REQUEST_SENT; /* will pass once more */
	}
}

void outbox_drop(struct outbox *outbox, struct request *request)
{
	struct request **at = &outbox->first;
	struct request *before = NULL;

	while (*at != request) {
		before = *at;
		at = &(*at)->next;
	}
	*at = request->next;
	if (outbox->last == request)
		outbox->last = before;
	if (request->state != REQUEST_WAITING)
		outbox->under_way--;
	outbox->count--;
	if (request->kind == REQUEST_PUBLISH)
		outbox->publishes--;
	outbox->bytes -= request->size;
	free(request);
}

void outbox_finish(struct outbox *outbox)
{
	while (outbox->first)
		outbox_drop(outbox, outbox->first);
}
