/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The properties of a message, between the frames of a page and MQTT 5.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/attribute.h"
#include "base/slice.h"
#include "json/properties.h"

/*
 * Writes `properties` as a list [MQTT5 2.2.2] that the caller frees. False: no
 * memory.
 */
bool properties_write(const struct json_properties *properties, uint8_t **list,
                      size_t *len) MUST_CHECK;

/*
 * Reads a list, which is borrowed; properties_finish gives back what `out`
 * has of its own. False: no memory.
 */
bool properties_read(struct slice list, struct json_properties *out) MUST_CHECK;
void properties_finish(struct json_properties *properties);
