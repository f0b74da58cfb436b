/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Reads through what the rules of a configuration are made of: origins and
 * public_urls, ACLs, client ids, topics of channels and wills.
 *
 * Finds all at once and names each entry at its place: errors for what cannot
 * be compiled, warnings for what lets in more, or does less, than it seems
 * to. Paths and subprotocols are the config room's (config/check.h).
 */
#pragma once

#include "config/config.h"
#include "config/problem.h"

/*
 * Adds what is wrong or doubtful to `problems`. Takes incomplete
 * configurations too.
 */
void review_config(const struct config *config, struct problems *problems);
