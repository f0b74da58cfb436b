/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A request as the frame that a page would have sent for it.
 */
#pragma once

#include <stdbool.h>

#include "base/attribute.h"
#include "json/request.h"

struct json_text;

/* False: no memory. */
MUST_CHECK bool json_frame_write(struct json_text *text,
                                 const struct json_request *request);

bool json_frame_is_same(const struct json_request *one,
                        const struct json_request *other);
