/* SPDX-License-Identifier: Apache-2.0 */
/*
 * How far an ACL reaches at most, whoever comes: what it refuses even so, it
 * never allows.
 *
 * Its rules are taken with every variable as what lets most pass: a level
 * with one is any level in an allow, and a deny with one is left out. For
 * the review of a configuration, never for a session.
 */
#pragma once

#include <stdbool.h>

#include "base/attribute.h"
#include "config/config.h"
#include "policy/acl.h"

struct reach {
	struct config_acl widened; /* its texts are owned */
	struct acl *acl;
	struct acl_grant grant; /* to be asked */
};

/*
 * Borrows `acl`. `false`: a rule is bad, or there is no memory; nothing is
 * left to finish.
 */
MUST_CHECK bool reach_init(struct reach *reach, const struct config_acl *acl);
void reach_finish(struct reach *reach);
