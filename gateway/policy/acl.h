/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Who may publish and subscribe to what: the rules of an ACL, compiled, and
 * bound to one subject.
 *
 * What no rule allows is refused; a deny wins over any allow, wherever it
 * stands. Topics and filters that are handed in are valid already (mqtt/
 * topic.h, mqtt/filter.h). The ACL is immutable and shared by all sessions;
 * judging allocates nothing. Does not know routes, nor what a refusal does.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "base/attribute.h"
#include "base/slice.h"
#include "policy/rule.h"

struct acl;
struct config_acl;
struct pattern;

/* Compiles good rules, and borrows their texts; NULL: no memory. */
struct acl *acl_create(const struct config_acl *config);

/* Frees it; accepts NULL. No grant of it may be left. */
void acl_destroy(struct acl *acl);

/*
 * Whether it lets every delivery pass, so that none need be judged: a plain
 * `allow sub #` and no `deny sub`.
 */
bool acl_receives_all(const struct acl *acl);

struct acl_claim {
	struct slice name;
	struct slice value;
};

/* What the variables stand for; an empty slice is a missing value. */
struct acl_subject {
	struct slice user;
	struct slice client; /* the client id as the broker gets it */
	const struct acl_claim *claims;
	size_t claim_count;
};

/* The rules for one subject; a zeroed one is good to finish. */
struct acl_grant {
	const struct acl *acl;
	struct pattern *bound; /* owned; NULL: the ACL has no variables */
};

/*
 * Fills the variables in. Borrows `subject` for the call and `acl` until
 * acl_grant_finish; false: no memory. A value that is missing, unusable in
 * a topic or over 256 octets makes an allow void, and its level of a deny
 * a `+`.
 */
MUST_CHECK bool acl_grant_init(struct acl_grant *grant, const struct acl *acl,
                               const struct acl_subject *subject);
void acl_grant_finish(struct acl_grant *grant);

struct acl_verdict {
	bool is_allowed;
	/* The deny that decided, or the allow; NULL: none allows it. */
	const struct rule *rule;
};

/* A PUBLISH from the browser, or the will in its CONNECT. */
struct acl_verdict acl_may_publish(const struct acl_grant *grant,
                                   struct slice topic, bool retain);

/*
 * One filter as it stands in a SUBSCRIBE, `$share/GROUP/` included. A deny of
 * a shared subscription holds for every group.
 */
struct acl_verdict acl_may_subscribe(const struct acl_grant *grant,
                                     struct slice filter);

/* A delivery to the browser; also a Response Topic from it. */
struct acl_verdict acl_may_receive(const struct acl_grant *grant,
                                   struct slice topic);
