/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Host names as TLS has them: which one a browser asks for, and whether it is
 * one of a certificate. Pure.
 */
#pragma once

#include <stdbool.h>

#include "base/attribute.h"
#include "base/slice.h"

/*
 * The name in the server_name extension of a hello [RFC 6066 3]; points into
 * `extension`. False: it has none, or is malformed.
 */
bool tls_host_asked(struct slice extension, struct slice *host) MUST_CHECK;

/* Whether both are the same but for the case of their letters. */
bool tls_host_same(struct slice a, struct slice b);

/* Whether `name` is `*.` and what is left of `host` behind its first label. */
bool tls_host_covers(struct slice name, struct slice host);
