/* SPDX-License-Identifier: Apache-2.0 */
/*
 * When the end of a certificate is worth a warning, and whether that has been
 * said already: once at each stage, whoever loads it again.
 *
 * The wall clock enters as an argument and may jump: when it is set back by
 * more than a day, what was said too early is said again in its time.
 */
#pragma once

#include <stddef.h>
#include <stdint.h>

#define TLS_EXPIRY_FEW_DAYS 14
#define TLS_EXPIRY_LAST_DAYS 3
#define TLS_EXPIRY_TOLD 64 /* certificates; the oldest is forgotten then */

enum tls_expiry {
	TLS_EXPIRY_FAR = 0,
	TLS_EXPIRY_FEW,  /* less than TLS_EXPIRY_FEW_DAYS are left, */
	TLS_EXPIRY_LAST, /* less than TLS_EXPIRY_LAST_DAYS, */
	TLS_EXPIRY_OVER, /* no time at all */
};

/* Zero it before use. */
struct tls_expiry_told {
	struct tls_expiry_entry {
		uint64_t print; /* of the certificate */
		enum tls_expiry stage;
	} list[TLS_EXPIRY_TOLD];
	size_t next; /* to be used, or used again */
};

/* Whole days from `now_s` to `end_s`, both of the Unix clock; 0 after it. */
uint64_t tls_expiry_days(uint64_t end_s, uint64_t now_s);

/*
 * What is to be said now of the certificate with that `print`; TLS_EXPIRY_FAR:
 * nothing, or nothing new. It counts as said.
 */
enum tls_expiry tls_expiry_tell(struct tls_expiry_told *told, uint64_t print,
                                uint64_t end_s, uint64_t now_s);
