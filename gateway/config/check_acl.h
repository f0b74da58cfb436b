/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The part of config/check.h that is about ACLs. What their rules say is read
 * by the policy room.
 */
#pragma once

#include <stddef.h>

struct config;
struct problems;

/* Checks ACL number `index`, also against those before it. */
void check_acl(const struct config *config, size_t index,
               struct problems *problems);
