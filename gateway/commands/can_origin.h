/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The part of `postern can` that is about origins.
 */
#pragma once

#include "base/slice.h"

struct policy;
struct policy_route;

/*
 * Prints whether a page from `origin` gets in by `route`, for each listener
 * where they differ. Gives COMMAND_OK when one of them lets it in, else
 * COMMAND_FAILED.
 */
int can_origin(const struct policy *policy, const struct policy_route *route,
               struct slice origin);
