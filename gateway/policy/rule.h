/* SPDX-License-Identifier: Apache-2.0 */
/*
 * One rule of an ACL: "allow sub factory/#".
 *
 *   rule    = ( "allow" / "deny" ) SP right *( "," right ) SP pattern
 *   right   = "pub" / "sub" / "retain"
 *   pattern = filter, or "$share/" group "/" filter with `sub` alone
 *
 * with ${user}, ${client} and ${claim.NAME} in the levels of a pattern. A
 * rule that was read is good; it points into its text. Does not know what a
 * variable stands for, nor the other rules (acl.h).
 */
#pragma once

#include <stdbool.h>

#include "base/attribute.h"
#include "base/slice.h"

struct rule {
	struct slice text; /* all of it, for an explanation */
	bool is_deny;
	bool is_pub;
	bool is_sub;
	bool is_retain;
	bool uses_user;
	bool uses_client;
	bool uses_claim;
	struct slice group;  /* of a shared one, maybe `+`; else empty */
	struct slice filter; /* the pattern, or what follows the group */
};

enum rule_fault {
	RULE_FINE = 0,
	RULE_NO_WORD,           /* neither `allow` nor `deny` */
	RULE_UNKNOWN_RIGHT,     /* not pub, sub or retain */
	RULE_NO_PATTERN,        /* ends too early */
	RULE_BLANK,             /* more than one, or around it all */
	RULE_OCTETS,            /* no MQTT-UTF-8 */
	RULE_UNCLOSED_VARIABLE, /* `${` without `}` */
	RULE_UNKNOWN_VARIABLE,
	RULE_VARIABLE_WILDCARD, /* both in one level */
	RULE_VARIABLE_DOLLAR,   /* in a first level that begins with `$` */
	RULE_SHARE_RIGHT,       /* `$share` with pub or retain */
	RULE_SHARE_PARTS,       /* no group or no filter, or nested */
	RULE_BAD_FILTER,        /* too long, too deep, wildcard misplaced */
	RULE_FAULTS,            /* how many there are */
};

/* Reads a rule. Borrows `text`; `out` is not touched when it is bad. */
MUST_CHECK enum rule_fault rule_read(struct slice text, struct rule *out);

/* What is wrong and what to write instead, for the operator. */
const char *rule_fault_text(enum rule_fault fault);

bool rule_has_variables(const struct rule *rule);

/* Whether it reaches below `$CONTROL`, where a broker is administered. */
bool rule_names_control(const struct rule *rule);
