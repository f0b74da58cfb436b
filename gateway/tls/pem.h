/* SPDX-License-Identifier: Apache-2.0 */
/*
 * PEM files [RFC 7468]: what stands in one is read to its end, or the file is
 * no good.
 */
#pragma once

#include <stdbool.h>
#include <stdio.h>

#include <openssl/x509.h>

#include "base/attribute.h"
#include "config/config.h"

/* NULL with an error in `problems`; to be closed by fclose. */
FILE *tls_pem_open(const struct config_text *name, struct problems *problems);

/*
 * Reads the certificates from here to the end of `file`, none perhaps, and
 * adds them to `list`, whose they are. False: one is broken, or no memory.
 */
bool tls_pem_read_certificates(FILE *file, STACK_OF(X509) * list) MUST_CHECK;

/* After a read that gave nothing: there is nothing more, and nothing broken. */
bool tls_pem_is_at_end(void);
