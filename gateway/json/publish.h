/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Takes the message of a publish or request out of a frame.
 */
#pragma once

#include <stdbool.h>

#include "base/attribute.h"

struct json_reader;
struct json_request;

/* For `request->type`. False: refused, or out of memory, as `reader` says. */
MUST_CHECK bool json_publish_read(struct json_reader *reader,
                                  struct json_request *request);
