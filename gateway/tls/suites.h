/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What TLS is spoken with, on either side: AEAD suites with a key of each
 * connection's own. Those of TLS 1.3 are all such.
 */
#pragma once

#define TLS_SUITES_12                                                          \
	"ECDHE-ECDSA-AES128-GCM-SHA256:"                                       \
	"ECDHE-RSA-AES128-GCM-SHA256:"                                         \
	"ECDHE-ECDSA-AES256-GCM-SHA384:"                                       \
	"ECDHE-RSA-AES256-GCM-SHA384:"                                         \
	"ECDHE-ECDSA-CHACHA20-POLY1305:"                                       \
	"ECDHE-RSA-CHACHA20-POLY1305"
#define TLS_GROUPS "X25519:P-256:P-384"
