/* SPDX-License-Identifier: Apache-2.0 */
#include "page/inbox.h"

#include <stddef.h>
#include <stdlib.h>
#include <string.h>

static struct slice topic_of(const struct inbox_frame *frame)
{
	return (struct slice){ frame->bytes + INBOX_HEADROOM + frame->len,
		               frame->topic_len };
}

bool inbox_is_empty(const struct inbox *inbox)
{
	return !inbox->first;
}

bool inbox_is_heavy(const struct inbox *inbox)
{
	return inbox->bytes_kept > inbox->most / 2;
}

static void detach(struct inbox *inbox, struct inbox_frame **at)
{
	struct inbox_frame *frame = *at;

	*at = frame->next;
	if (inbox->last == frame)
		inbox->last =
		    at == &inbox->first
		        ? NULL
		        : (struct inbox_frame *)(void *)((char *)at -
		                                         offsetof(
		                                             struct inbox_frame,
		                                             next));
	inbox->bytes -= frame->len;
	if (!frame->may_drop)
		inbox->bytes_kept -= frame->len;
}

struct inbox_frame *inbox_take(struct inbox *inbox)
{
	struct inbox_frame *frame = inbox->first;

	if (frame)
		detach(inbox, &inbox->first);
	return frame;
}

/* The oldest that is superseded; else the oldest that may go at all. */
static struct inbox_frame **find_victim(struct inbox *inbox)
{
	struct inbox_frame **other = NULL;

	for (struct inbox_frame **at = &inbox->first; *at; at = &(*at)->next) {
		if (!(*at)->may_drop)
			continue;
		if ((*at)->is_superseded)
			return at;
		if (!other)
			other = at;
	}
	return other;
}

static bool make_room(struct inbox *inbox)
{
	struct inbox_frame **at;

	while (inbox->bytes > inbox->most && inbox->bytes > inbox->bytes_kept &&
	       (at = find_victim(inbox))) {
		struct inbox_frame *victim = *at;

		if (!losses_count(&inbox->losses, topic_of(victim), 1))
			return false;
		detach(inbox, at);
		inbox->dropped++;
		free(victim);
	}
	return true;
}

static void supersede(struct inbox *inbox, struct slice topic)
{
	for (struct inbox_frame *f = inbox->first; f; f = f->next) {
		if (f->may_drop && slice_equals(topic_of(f), topic))
			f->is_superseded = true;
	}
}

bool inbox_put(struct inbox *inbox, struct slice bytes, bool is_text,
               bool may_drop, struct slice topic)
{
	struct inbox_frame *frame =
	    malloc(sizeof *frame + INBOX_HEADROOM + bytes.len + topic.len);

	if (!frame)
		return false;
	*frame = (struct inbox_frame){
		.is_text = is_text,
		.may_drop = may_drop,
		.topic_len = topic.len,
		.len = bytes.len,
	};
	memcpy(frame->bytes + INBOX_HEADROOM, bytes.data, bytes.len);
	if (topic.len > 0)
		memcpy(frame->bytes + INBOX_HEADROOM + bytes.len, topic.data,
		       topic.len);
	if (topic.len > 0)
		supersede(inbox, topic);
	if (inbox->last)
		inbox->last->next = frame;
	else
		inbox->first = frame;
	inbox->last = frame;
	inbox->bytes += bytes.len;
	if (!may_drop)
		inbox->bytes_kept += bytes.len;
	return make_room(inbox);
}

void inbox_finish(struct inbox *inbox)
{
	struct inbox_frame *frame;

	while ((frame = inbox_take(inbox)))
		free(frame);
	losses_finish(&inbox->losses);
}
