/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A token bucket that may go into debt: what has come is let through, and
 * then nothing more is read until the debt is paid. Nothing is ever cut.
 *
 * It holds what may come in one second. Time is an argument.
 */
#pragma once

#include <stdint.h>

struct bucket {
	uint32_t per_s;   /* 0: no limit */
	int64_t left;     /* thousandths of a token; below 0: debt */
	uint64_t then_ms; /* when `left` was true */
};

/* Full. */
void bucket_init(struct bucket *bucket, uint32_t per_s, uint64_t now_ms);

/* Takes `count` tokens, there or not. */
void bucket_take(struct bucket *bucket, uint64_t count, uint64_t now_ms);

/* Milliseconds until its debt is paid; 0: it has none. */
uint64_t bucket_wait_ms(struct bucket *bucket, uint64_t now_ms);
