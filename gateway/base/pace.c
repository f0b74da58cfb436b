/* SPDX-License-Identifier: Apache-2.0 */
#include "base/pace.h"

#define SECOND_NS UINT64_C(1000000000)
#define MS_NS UINT64_C(1000000)

static void raise_to(struct pace *pace, uint64_t due)
{
	uint64_t seen = atomic_load(&pace->due_ns);

	while (seen < due &&
	       !atomic_compare_exchange_weak(&pace->due_ns, &seen, due))
		;
}

/* From `now` to the moment that is due then; in whole ms, never too early. */
static uint64_t wait_until(uint64_t due, uint64_t now,
                           const struct pace_limit *limit)
{
	uint64_t early = now + limit->ahead_ns;

	return due <= early ? 0 : (due - early + MS_NS - 1) / MS_NS;
}

bool pace_reserve(struct pace *one, struct pace *other,
                  const struct pace_limit *limit, uint64_t now_ms,
                  uint64_t most_ms, uint64_t *wait_ms)
{
	uint64_t now = now_ms * MS_NS;

	for (;;) {
		uint64_t due = atomic_load(&one->due_ns);
		uint64_t other_due = atomic_load(&other->due_ns);
		bool is_other = other_due < due;
		struct pace *least = is_other ? other : one;

		if (is_other)
			due = other_due;
		*wait_ms = wait_until(due, now, limit);
		if (*wait_ms > most_ms)
			return false;
		uint64_t next = (due > now ? due : now) + limit->step_ns;

		if (atomic_compare_exchange_weak(&least->due_ns, &due, next)) {
			raise_to(is_other ? one : other, next);
			return true;
		}
	}
}

bool pace_take(struct pace *one, struct pace *other, uint64_t now_ms,
               uint32_t per_s)
{
	uint64_t step = SECOND_NS / per_s;
	const struct pace_limit limit = { step, step * (per_s - 1) };
	uint64_t wait_ms;

	return pace_reserve(one, other, &limit, now_ms, 0, &wait_ms);
}

void pace_give_back(struct pace *pace, uint64_t step_ns)
{
	uint64_t due = atomic_load(&pace->due_ns);

	while (due > step_ns && !atomic_compare_exchange_weak(
	                            &pace->due_ns, &due, due - step_ns))
		;
}

uint64_t pace_due_ns(const struct pace *one, const struct pace *other)
{
	uint64_t due = atomic_load(&one->due_ns);
	uint64_t other_due = atomic_load(&other->due_ns);

	return other_due < due ? other_due : due;
}

void pace_put_off(struct pace *one, struct pace *other, uint64_t due_ns)
{
	raise_to(one, due_ns);
	raise_to(other, due_ns);
}
