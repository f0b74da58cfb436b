/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The two kinds of UTF-8 that MQTT knows.
 *
 * Well formed [RFC 3629]: no overlong form, no surrogate, nothing above
 * U+10FFFF. A string of MQTT is narrower: U+0000 is forbidden, and control
 * characters and non-characters, which the standard lets a receiver refuse
 * [MQTT3 1.5.3, MQTT5 1.5.4], are refused too. U+FEFF is an ordinary one.
 */
#pragma once

#include <stdbool.h>

#include "base/slice.h"

/* For strings in packets: client ids, topics, user names, properties. */
bool mqtt_utf8_is_string(struct slice text);

/* For payloads that say they are text; controls and U+0000 are fine there. */
bool mqtt_utf8_is_well_formed(struct slice text);
