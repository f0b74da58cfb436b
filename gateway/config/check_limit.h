/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The part of config/check.h that is about limits by address: they tell
 * nobody apart where all clients have the address of a proxy that is not
 * trusted to say who they are.
 */
#pragma once

struct config;
struct config_listener;
struct config_route;
struct problems;

void check_limit_listener(const struct config_listener *listener,
                          struct problems *problems);

/* Sessions of a route may come from any listener. */
void check_limit_route(const struct config *config,
                       const struct config_route *route,
                       struct problems *problems);
