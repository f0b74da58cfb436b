/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Tells what a browser has against the certificate of a server, or else whom
 * it is for and how long it lasts.
 */
#pragma once

#include <stdbool.h>

#include <openssl/types.h>

#include "base/attribute.h"

struct report;
struct secure;

/* After a handshake of `secure` on `tls`. False: a browser would refuse it. */
MUST_CHECK bool certificate_tell(struct report *report,
                                 const struct secure *secure, SSL *tls);
