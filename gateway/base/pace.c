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

bool pace_take(struct pace *one, struct pace *other, uint64_t now_ms,
               uint32_t per_s)
{
	uint64_t now = now_ms * MS_NS;
	uint64_t step = SECOND_NS / per_s;
	uint64_t latest = now + step * (per_s - 1);

	for (;;) {
		uint64_t due = atomic_load(&one->due_ns);
		uint64_t other_due = atomic_load(&other->due_ns);
		bool is_other = other_due < due;
		struct pace *least = is_other ? other : one;

		if (is_other)
			due = other_due;
		if (due > latest)
			return false;
		uint64_t next = (due > now ? due : now) + step;

		if (atomic_compare_exchange_weak(&least->due_ns, &due, next)) {
			raise_to(is_other ? one : other, next);
			return true;
		}
	}
}
