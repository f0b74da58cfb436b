/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Messages between Paho's form of them and ours, properties included.
 */
#pragma once

#include <stdbool.h>

#include <MQTTAsync.h>

#include "base/attribute.h"
#include "upstream/message.h"

struct news;

/* A copy of what Paho hands out; NULL: no memory. */
struct news *paho_message_read(uint64_t client, const char *topic,
                               int topic_len, const MQTTAsync_message *message);

/* Adds a property list of ours to `out`; false: no memory. */
bool paho_properties_write(struct slice list, MQTTProperties *out) MUST_CHECK;
