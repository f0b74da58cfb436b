/* SPDX-License-Identifier: Apache-2.0 */
#include "policy/bucket.h"

#define TOKEN 1000 /* what one second gives is per_s of them */

/* Tokens per second are thousandths of a token per millisecond. */
static void fill(struct bucket *bucket, uint64_t now_ms)
{
	int64_t full = (int64_t)bucket->per_s * TOKEN;
	uint64_t ms = now_ms - bucket->then_ms;
	uint64_t to_fill = (uint64_t)(full - bucket->left) / bucket->per_s;

	bucket->then_ms = now_ms;
	if (ms > to_fill)
		bucket->left = full;
	else
		bucket->left += (int64_t)(ms * bucket->per_s);
}

void bucket_init(struct bucket *bucket, uint32_t per_s, uint64_t now_ms)
{
	*bucket = (struct bucket){ .per_s = per_s,
		                   .left = (int64_t)per_s * TOKEN,
		                   .then_ms = now_ms };
}

void bucket_take(struct bucket *bucket, uint64_t count, uint64_t now_ms)
{
	if (bucket->per_s == 0)
		return;
	fill(bucket, now_ms);
	bucket->left -= (int64_t)(count * TOKEN);
}

uint64_t bucket_wait_ms(struct bucket *bucket, uint64_t now_ms)
{
	if (bucket->per_s == 0)
		return 0;
	fill(bucket, now_ms);
	if (bucket->left >= 0)
		return 0;
	return (uint64_t)-bucket->left / bucket->per_s + 1;
}
