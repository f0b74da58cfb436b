/* SPDX-License-Identifier: Apache-2.0 */
#include "base/turn.h"

#include "base/log.h"
#include "base/pace.h"
#include "base/shared.h"

#define SECOND_NS UINT64_C(1000000000)
#define PERCENT 100
#define QUEUE_PERCENT 90 /* of the bound, in the queue */
#define BEGIN_PERCENT 95 /* of the bound, when they begin; */
#define AT_ONCE 20       /* the rest, a twentieth, may come at once */
#define QUEUE_MS 1000    /* the longest wait of one more handshake */
#define MOST_MS 3000     /* the same of those who are in */
#define LATE_MS 250      /* behind its moment a turn is over */
#define LINES_PER_S 1

static uint64_t key_of(const struct turn_queue *queue, enum shared_sort sort)
{
	return shared_key(queue->shared, sort, queue->upstream, NULL);
}

static uint64_t step_ns(const struct turn_queue *queue, unsigned percent)
{
	return SECOND_NS * PERCENT / ((uint64_t)queue->per_s * percent);
}

static bool take(const struct turn_queue *queue, enum shared_sort sort,
                 unsigned percent, uint64_t now_ms, uint64_t most_ms,
                 uint64_t *wait_ms)
{
	uint64_t step = step_ns(queue, percent);
	uint64_t at_once = queue->per_s / AT_ONCE;
	const struct pace_limit limit = {
		.step_ns = step,
		.ahead_ns = at_once > 1 ? (at_once - 1) * step : 0,
	};

	return shared_reserve(queue->shared, key_of(queue, sort), &limit,
	                      now_ms, most_ms, wait_ms);
}

static void log_behind(const struct turn_queue *queue, uint64_t now_ms,
                       uint64_t wait_ms)
{
	if (!shared_keeps_pace(queue->shared,
	                       key_of(queue, SHARED_PACE_OF_TURN_LINES), now_ms,
	                       LINES_PER_S))
		return;
	log_warning("upstream is behind: connects are held back",
	            LOG_FIELDS(log_text("upstream", queue->upstream),
	                       log_number("behind_ms", wait_ms),
	                       log_number("connects_per_s", queue->per_s)));
}

static bool queue_up(const struct turn_queue *queue, uint64_t now_ms,
                     uint64_t most_ms, uint64_t *wait_ms)
{
	bool is_in = take(queue, SHARED_PACE_AT_UPSTREAM, QUEUE_PERCENT, now_ms,
	                  most_ms, wait_ms);

	if (*wait_ms > LATE_MS)
		log_behind(queue, now_ms, *wait_ms);
	return is_in;
}

bool turn_reserve(const struct turn_queue *queue, uint64_t now_ms,
                  uint64_t *wait_ms)
{
	*wait_ms = 0;
	return queue->per_s == 0 || queue_up(queue, now_ms, QUEUE_MS, wait_ms);
}

void turn_give_back(const struct turn_queue *queue)
{
	if (queue->per_s > 0)
		shared_give_back(queue->shared,
		                 key_of(queue, SHARED_PACE_AT_UPSTREAM),
		                 step_ns(queue, QUEUE_PERCENT));
}

uint64_t turn_wait_ms(const struct turn_queue *queue, uint64_t now_ms,
                      uint64_t *turn_ms)
{
	uint64_t wait_ms;

	if (queue->per_s == 0)
		return 0;
	if (now_ms > *turn_ms + LATE_MS) {
		if (!queue_up(queue, now_ms, MOST_MS, &wait_ms))
			return TURN_NEVER;
		*turn_ms = now_ms + wait_ms;
	}
	if (*turn_ms > now_ms)
		return *turn_ms - now_ms;
	if (take(queue, SHARED_PACE_OF_CONNECTS, BEGIN_PERCENT, now_ms, 0,
	         &wait_ms))
		return 0;
	return wait_ms;
}
