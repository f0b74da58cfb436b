/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What a certificate says of itself, as text for people.
 */
#pragma once

#include <stdint.h>

#define TLS_FACTS_NAMES_BYTES 512
#define TLS_FACTS_ISSUER_BYTES 256

struct tls_certificate;

struct tls_facts {
	/* Subject alternative names, separated by ", ", cut; "-": none. */
	char names[TLS_FACTS_NAMES_BYTES];
	char issuer[TLS_FACTS_ISSUER_BYTES]; /* [RFC 4514]; cut */
	uint64_t end_s; /* of its life; Unix clock, 0: not to be read */
	uint64_t print; /* of the certificate alone, without its issuers */
};

struct tls_facts tls_facts_of(const struct tls_certificate *certificate);
