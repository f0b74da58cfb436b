/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The part of config/check.h that is about the gateway's own login at a
 * broker, and who gets to use it.
 */
#pragma once

struct config;
struct config_route;
struct config_upstream;
struct problems;

void check_login_upstream(const struct config_upstream *upstream,
                          struct problems *problems);

/* Whether a route to an upstream that injects says that it means it. */
void check_login_route(const struct config *config,
                       const struct config_route *route,
                       struct problems *problems);
