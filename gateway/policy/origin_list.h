/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The origins of a route: which pages may open a session.
 *
 * Tuple is compared with tuple: no prefix, no part of a text, no expression.
 * The first entry that covers the presented origin lets it in, nothing else
 * does. Matching allocates nothing.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "base/attribute.h"
#include "base/close.h"
#include "config/config.h"
#include "policy/header.h"
#include "policy/origin.h"

struct origin_list {
	struct origin *list; /* owned; their texts are the configuration's */
	size_t count;
};

/* Adds a copy of `origin` at the end; false: no memory, nothing changed. */
MUST_CHECK bool origin_list_add(struct origin_list *list,
                                const struct origin *origin);
void origin_list_finish(struct origin_list *list);

/* The first entry that covers `presented`; NULL: none does. */
const struct origin *origin_list_find(const struct origin_list *list,
                                      const struct origin *presented);

/*
 * May a request with this Origin header come in? CLOSE_NONE or one of the
 * CLOSE_ORIGIN reasons. `absent` says whether the header may be missing,
 * `has_token` whether a verified token that is no cookie came along.
 */
enum close_reason origin_list_check(const struct origin_list *list,
                                    enum config_absent absent, bool has_token,
                                    const struct header *header);
