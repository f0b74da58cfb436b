/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Whom a request with X-Forwarded-For is from: of the addresses that proxies
 * have added one after the other, the last that no trusted proxy has. What
 * stands further left anybody may have written.
 */
#pragma once

#include <stdbool.h>
#include <sys/socket.h>

#include "base/attribute.h"
#include "base/slice.h"
#include "proxy/network.h"

/*
 * Reads `value`, the fields of that name joined with commas, in the order in
 * which they came. False: there is none, or what stands where it should is no
 * address; `client` stays as it was.
 */
bool forwarded_read(struct slice value, const struct network *trusted,
                    size_t count, struct sockaddr_storage *client) MUST_CHECK;
