/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Who may come in by a route, and what he may do then, in sentences that need
 * no knowledge of the settings.
 */
#pragma once

#include <stdio.h>

struct config;
struct config_acl;
struct config_route;

/* Writes one paragraph, without the end of its line. */
void charter_write(FILE *out, const struct config *config,
                   const struct config_route *route);

/*
 * For charter.c: the sentences on topics, each with a blank in front. With
 * `acl` NULL there are no rules.
 */
void charter_write_rights(FILE *out, const struct config_acl *acl,
                          const struct config_route *route);

/*
 * What stands before entry `index` of a list of `count`; `last`, such as
 * " and ", before the last one.
 */
const char *charter_separator(size_t index, size_t count, const char *last);
