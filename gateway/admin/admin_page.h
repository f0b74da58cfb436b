/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The pages of the admin listener, as any worker gives them.
 */
#pragma once

#include "base/slice.h"

struct http_page;
struct renewal;
struct worker_setup;

/* Sets the page at `path`; a path that has none leaves it as it is. */
void admin_page_answer(const struct worker_setup *setup,
                       const struct renewal *renewal, struct slice path,
                       struct http_page *page);
