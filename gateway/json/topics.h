/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Takes the filters of a subscribe or unsubscribe out of a frame.
 */
#pragma once

#include <stdbool.h>

#include "base/attribute.h"

struct json_reader;
struct json_request;

/* For `request->type`. False: refused, or out of memory, as `reader` says. */
MUST_CHECK bool json_topics_read(struct json_reader *reader,
                                 struct json_request *request);
