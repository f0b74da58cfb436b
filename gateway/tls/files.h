/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The files that a listener with TLS is made of, as they stand there now:
 * certificates and keys, authorities and revocation lists.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "config/config.h"
#include "tls/stamp.h"

/* Of all of them, in the order in which they are read. */
struct tls_stamps tls_files_stamps(const struct config_listener_tls *config);

/* Whether one was changed less than `ms` ago (tls/stamp.h). */
bool tls_files_are_younger(const struct config_listener_tls *config,
                           uint64_t ms);
