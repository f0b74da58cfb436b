/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The part of policy/review.h that is about ACLs, each by itself and on the
 * routes that use it.
 */
#pragma once

struct config;
struct config_acl;
struct problems;

void review_acl(const struct config *config, const struct config_acl *acl,
                struct problems *problems);
