/* SPDX-License-Identifier: Apache-2.0 */
#include "policy/subscriptions.h"

#include <stdlib.h>

#define SIZE_FIRST 8
#define FAILURE 0x80 /* from here on a code is a refusal [MQTT5 3.9.3] */

void subscriptions_finish(struct subscriptions *subscriptions)
{
	while (subscriptions->pending)
		subscriptions_drop(subscriptions, subscriptions->pending);
	free(subscriptions->held);
	*subscriptions = (struct subscriptions){ .seed = subscriptions->seed };
}

static uint32_t find_held(const struct subscriptions *subscriptions,
                          uint64_t hash)
{
	uint32_t at = 0;

	while (at < subscriptions->held_count &&
	       subscriptions->held[at] != hash)
		at++;
	return at;
}

static bool grow_held(struct subscriptions *subscriptions)
{
	uint32_t size = subscriptions->held_size == 0
	                    ? SIZE_FIRST
	                    : subscriptions->held_size * 2;
	uint64_t *held =
	    realloc(subscriptions->held, size * sizeof(*subscriptions->held));

	if (!held)
		return false;
	subscriptions->held = held;
	subscriptions->held_size = size;
	return true;
}

static void forget(struct subscriptions *subscriptions, uint64_t hash)
{
	uint32_t at = find_held(subscriptions, hash);

	if (at == subscriptions->held_count)
		return;
	subscriptions->held[at] =
	    subscriptions->held[--subscriptions->held_count];
	if (subscriptions->held_count > 0)
		return;
	free(subscriptions->held);
	subscriptions->held = NULL;
	subscriptions->held_size = 0;
}

struct subscribe *subscriptions_find(const struct subscriptions *subscriptions,
                                     uint16_t packet_id)
{
	struct subscribe *found = subscriptions->pending;

	while (found && found->packet_id != packet_id)
		found = found->next;
	return found;
}

struct subscribe *subscriptions_begin(uint16_t packet_id, size_t count)
{
	struct subscribe *subscribe = calloc(
	    1, sizeof(*subscribe) + count * sizeof(subscribe->filters[0]));

	if (!subscribe)
		return NULL;
	subscribe->packet_id = packet_id;
	subscribe->count = count;
	return subscribe;
}

bool subscriptions_ask(struct subscriptions *subscriptions,
                       struct subscribe *subscribe, size_t at,
                       struct slice filter, uint32_t most)
{
	struct subscription *asked = &subscribe->filters[at];
	uint64_t hash = hash_slice(subscriptions->seed, filter);
	bool is_held =
	    find_held(subscriptions, hash) < subscriptions->held_count;

	if (most > 0 && !is_held) {
		if (subscriptions->held_count >= most ||
		    (subscriptions->held_count == subscriptions->held_size &&
		     !grow_held(subscriptions)))
			return false;
		subscriptions->held[subscriptions->held_count++] = hash;
	}
	*asked = (struct subscription){ .hash = hash,
		                        .code = SUBSCRIPTIONS_ASKED,
		                        .is_new = !is_held };
	subscribe->asked++;
	return true;
}

void subscriptions_refuse(struct subscribe *subscribe, size_t at, uint8_t code)
{
	subscribe->filters[at].code = code;
}

void subscriptions_wait(struct subscriptions *subscriptions,
                        struct subscribe *subscribe)
{
	subscribe->next = subscriptions->pending;
	subscriptions->pending = subscribe;
	subscriptions->pending_count++;
}

bool subscriptions_answer(struct subscriptions *subscriptions,
                          const struct subscribe *subscribe, struct slice codes,
                          uint8_t *all)
{
	const uint8_t *code = codes.data;

	if (codes.len != subscribe->asked)
		return false;
	for (size_t i = 0; i < subscribe->count; i++) {
		const struct subscription *filter = &subscribe->filters[i];
		bool is_asked = filter->code == SUBSCRIPTIONS_ASKED;

		all[i] = is_asked ? *code++ : filter->code;
		if (is_asked && all[i] >= FAILURE && filter->is_new)
			forget(subscriptions, filter->hash);
	}
	return true;
}

void subscriptions_drop(struct subscriptions *subscriptions,
                        struct subscribe *subscribe)
{
	struct subscribe **at = &subscriptions->pending;

	while (*at && *at != subscribe)
		at = &(*at)->next;
	if (*at) {
		*at = subscribe->next;
		subscriptions->pending_count--;
	}
	free(subscribe);
}

void subscriptions_leave(struct subscriptions *subscriptions,
                         struct slice filter)
{
	forget(subscriptions, hash_slice(subscriptions->seed, filter));
}
