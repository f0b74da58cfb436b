/* SPDX-License-Identifier: Apache-2.0 */
#include "page/interest.h"

#include <stdlib.h>
#include <string.h>

#include "mqtt/filter.h"

static void destroy(struct interest *interest)
{
	struct interest_message *held;

	while ((held = interest_take(interest)))
		free(held);
	free(interest);
}

void interests_finish(struct interests *interests)
{
	while (interests->first) {
		struct interest *interest = interests->first;

		interests->first = interest->next;
		destroy(interest);
	}
	interests->count = 0;
}

static struct interest **place_of(struct interests *interests,
                                  struct slice filter)
{
	struct interest **at = &interests->first;

	while (*at && !slice_equals((*at)->filter, filter))
		at = &(*at)->next;
	return at;
}

struct interest *interests_find(const struct interests *interests,
                                struct slice filter)
{
	struct interest *interest = interests->first;

	while (interest && !slice_equals(interest->filter, filter))
		interest = interest->next;
	return interest;
}

void interests_drop(struct interests *interests, struct slice filter)
{
	struct interest **at = place_of(interests, filter);
	struct interest *interest = *at;

	if (!interest)
		return;
	*at = interest->next;
	interests->count--;
	destroy(interest);
}

static struct interest *add(struct interests *interests, struct slice filter)
{
	struct interest *interest = calloc(1, sizeof *interest + filter.len);
	struct slice group;

	if (!interest)
		return NULL;
	memcpy(interest->bytes, filter.data, filter.len);
	interest->filter = (struct slice){ interest->bytes, filter.len };
	interest->plain = interest->filter;
	(void)mqtt_filter_split(interest->filter, &group, &interest->plain);
	*place_of(interests, filter) = interest;
	interests->count++;
	return interest;
}

bool interests_put(struct interests *interests, struct slice filter,
                   uint8_t qos, enum json_form form, uint32_t interval_ms)
{
	struct interest *interest = interests_find(interests, filter);

	if (!interest)
		interest = add(interests, filter);
	if (!interest)
		return false;
	interest->qos = qos;
	interest->form = form;
	interest->interval_ms = interval_ms;
	return true;
}

struct interest *interests_match(const struct interests *interests,
                                 struct slice topic)
{
	struct interest *interest = interests->first;

	while (interest && !mqtt_filter_matches(interest->plain, topic))
		interest = interest->next;
	return interest;
}

bool interest_is_due(struct interest *interest, uint64_t now_ms)
{
	if (interest->interval_ms == 0)
		return true;
	if (now_ms < interest->due_ms)
		return false;
	interest->due_ms = now_ms + interest->interval_ms;
	return true;
}

static size_t size_of(const struct message *message)
{
	return message->topic.len + message->payload.len +
	       message->properties.len;
}

static struct interest_message *copy(const struct message *message)
{
	struct interest_message *held = malloc(sizeof *held + size_of(message));
	uint8_t *at;

	if (!held)
		return NULL;
	at = held->bytes;
	held->next = NULL;
	held->message = *message;
	held->message.topic = slice_put(&at, message->topic);
	held->message.payload = slice_put(&at, message->payload);
	held->message.properties = slice_put(&at, message->properties);
	return held;
}

static struct interest_message *detach(struct interest *interest,
                                       struct interest_message **at)
{
	struct interest_message *held = *at;

	*at = held->next;
	interest->held_bytes -= size_of(&held->message);
	return held;
}

struct interest_message *interest_take(struct interest *interest)
{
	return interest->held ? detach(interest, &interest->held) : NULL;
}

/* Takes the one at `*at` out, and counts it. */
static bool lose(struct interest *interest, struct interest_message **at,
                 struct losses *losses)
{
	struct interest_message *lost = detach(interest, at);
	bool is_counted = losses_count(losses, lost->message.topic, 1);

	free(lost);
	return is_counted;
}

bool interest_hold(struct interest *interest, const struct message *message,
                   size_t most, struct losses *losses)
{
	struct interest_message *held = copy(message);
	struct interest_message **at = &interest->held;
	bool is_good = true;

	if (!held)
		return false;
	while (*at && !slice_equals((*at)->message.topic, message->topic))
		at = &(*at)->next;
	if (*at)
		is_good = lose(interest, at, losses);
	held->next = *at;
	*at = held;
	interest->held_bytes += size_of(message);
	while (is_good && interest->held_bytes > most && interest->held->next)
		is_good =
		    lose(interest,
		         interest->held == held ? &held->next : &interest->held,
		         losses);
	return is_good;
}

size_t interests_held(const struct interests *interests)
{
	size_t bytes = 0;

	for (const struct interest *i = interests->first; i; i = i->next)
		bytes += i->held_bytes;
	return bytes;
}

uint64_t interests_due_ms(const struct interests *interests)
{
	uint64_t due = 0;

	for (struct interest *i = interests->first; i; i = i->next) {
		if (i->held && (due == 0 || i->due_ms < due))
			due = i->due_ms;
	}
	return due;
}

bool interests_trim(struct interests *interests, const struct interest *kept,
                    size_t most, struct losses *losses)
{
	bool is_good = true;

	for (struct interest *i = interests->first; is_good && i; i = i->next) {
		while (is_good && i != kept && i->held &&
		       interests_held(interests) > most)
			is_good = lose(i, &i->held, losses);
	}
	return is_good;
}
