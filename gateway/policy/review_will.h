/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The part of policy/review.h that is about the will that a json or channel
 * route gives its sessions.
 */
#pragma once

struct config;
struct config_route;
struct problems;

/* Adds nothing for routes without one. */
void review_will(const struct config *config, const struct config_route *route,
                 struct problems *problems);
