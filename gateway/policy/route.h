/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Which route a path leads to.
 *
 * A route's path is exact, or ends in a slash and a star and stands for all
 * that begins like it: prefix "/a/" finds "/a/" and "/a/b", not "/a", for
 * which a route of its own is written. Exact goes before prefix, the longer
 * prefix before the shorter. "/" is exact. Case counts; nothing is decoded.
 */
#pragma once

#include "base/slice.h"

struct policy;
struct policy_route;

/* The route for a request's decoded path; NULL: none. */
const struct policy_route *route_find(const struct policy *policy,
                                      struct slice path);
