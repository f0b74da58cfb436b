/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The part of policy/review.h that is about the topic and the filters of a
 * channel, and whether its ACL lets them be.
 */
#pragma once

struct config;
struct config_route;
struct problems;

/* Adds nothing for routes of another kind. */
void review_channel(const struct config *config,
                    const struct config_route *route,
                    struct problems *problems);
