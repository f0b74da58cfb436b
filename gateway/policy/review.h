/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Reads through the origins and public_urls of a configuration.
 *
 * Finds all at once and names each entry at its place: errors for what cannot
 * be compiled, warnings for what lets in more than it seems to. Paths and
 * subprotocols are the config room's (config/check.h).
 */
#pragma once

#include "config/config.h"
#include "config/problem.h"

/* Adds what is wrong or doubtful to `problems`. */
void review_config(const struct config *config, struct problems *problems);
