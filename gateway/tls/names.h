/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The host names of a certificate: the DNS names among its subject alternative
 * names, which are all that browsers look at.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include <openssl/x509.h>

#include "base/attribute.h"
#include "base/slice.h"

struct tls_names {
	char **list; /* owned; "*." in front stands for any label */
	size_t count;
};

/* False: no memory. Without such names, `names` is empty. */
bool tls_names_init(struct tls_names *names, X509 *certificate) MUST_CHECK;
void tls_names_finish(struct tls_names *names);

/* Whether `host` is one of them; whether one with "*." stands for it. */
bool tls_names_have(const struct tls_names *names, struct slice host);
bool tls_names_cover(const struct tls_names *names, struct slice host);

/* The first name of `names` that `others` have as well, or NULL; borrowed. */
const char *tls_names_shared(const struct tls_names *names,
                             const struct tls_names *others);

/*
 * Writes all names of `certificate`, addresses too, separated by ", ", which
 * also comes in front if `is_continued`; cut at `size`. Gives how much that
 * would be in whole.
 */
size_t tls_names_write(X509 *certificate, bool is_continued, char *out,
                       size_t size);
