/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The part of policy/review.h that is about origins and public_urls.
 */
#pragma once

struct config;
struct config_listener;
struct config_route;
struct problems;

void review_origin_listener(const struct config_listener *listener,
                            struct problems *problems);

void review_origin_route(const struct config *config,
                         const struct config_route *route,
                         struct problems *problems);
