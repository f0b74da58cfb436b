/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The part of policy/review.h that is about a route's client_id.
 */
#pragma once

struct config;
struct config_route;
struct problems;

void review_client_id(const struct config *config,
                      const struct config_route *route,
                      struct problems *problems);
