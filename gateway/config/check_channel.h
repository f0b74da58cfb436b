/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The part of config/check.h that is about routes of kind channel. What their
 * topics and filters are is the policy room's.
 */
#pragma once

struct config_route;
struct problems;

/* Adds nothing for routes of another kind. */
void check_channel(const struct config_route *route, struct problems *problems);
