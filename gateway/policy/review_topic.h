/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The part of policy/review.h that is about topics that the configuration has
 * the gateway publish to.
 */
#pragma once

#include <stdbool.h>

struct config_text;
struct problems;

/*
 * Adds an error unless MQTT can publish to `topic`, variables being ordinary
 * text; `false`: it did. `what` is what the topic is for.
 */
bool review_topic(const struct config_text *topic, const char *what,
                  struct problems *problems);
