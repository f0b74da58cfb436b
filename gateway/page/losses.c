/* SPDX-License-Identifier: Apache-2.0 */
#include "page/losses.h"

#include <stdlib.h>
#include <string.h>

static struct loss **place_of(struct losses *losses, struct slice topic)
{
	struct loss **at = &losses->first;

	while (*at &&
	       !slice_equals((struct slice){ (*at)->topic, (*at)->topic_len },
	                     topic))
		at = &(*at)->next;
	return at;
}

bool losses_count(struct losses *losses, struct slice topic, uint64_t count)
{
	struct loss **at = place_of(losses, topic);

	if (!*at && losses->topics >= LOSSES_TOPICS_MAX) {
		topic = slice_from_text(LOSSES_OTHERS);
		at = place_of(losses, topic);
	}
	if (!*at) {
		*at = calloc(1, sizeof **at + topic.len);
		if (!*at)
			return false;
		(*at)->topic_len = topic.len;
		memcpy((*at)->topic, topic.data, topic.len);
		losses->topics++;
	}
	(*at)->count += count;
	return true;
}

struct loss *losses_take(struct losses *losses)
{
	struct loss *loss = losses->first;

	if (!loss)
		return NULL;
	losses->first = loss->next;
	losses->topics--;
	return loss;
}

void losses_finish(struct losses *losses)
{
	struct loss *loss;

	while ((loss = losses_take(losses)))
		free(loss);
}
