/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The names of a configuration in the shared area: its routes and servers
 * have numbers there as long as its generation lives.
 */
#pragma once

#include <stdbool.h>

#include "base/attribute.h"
#include "base/shared.h"
#include "config/config.h"

/* False, and nothing is held, when there are too many of them (logged). */
bool enrolment_hold(struct shared *shared,
                    const struct config *config) MUST_CHECK;
void enrolment_release(struct shared *shared, const struct config *config);
