/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What the manual says of one setting, in words, whatever page they go to.
 */
#pragma once

#include <stdbool.h>

struct blank_group;
struct schema_setting;

/* Of plain ASCII: each writer knows what to escape. */
struct entry {
	char *place;      /* "listeners[].tls.client_ca" */
	bool is_group;    /* or a list of groups: its settings follow */
	char *type;       /* "number of seconds, from 1 to 3600" */
	char *initial;    /* "25", "none"; NULL: it is required */
	char *kinds;      /* of route that know it; NULL: it is not for some */
	const char *help; /* one sentence, without its full stop */
	const char *example; /* lines */
};

/* Of `setting`, one of `group`, whose own place is `outer`; NULL: the root. */
void entry_init(struct entry *entry, const char *outer,
                const struct blank_group *group,
                const struct schema_setting *setting);

/* Accepts one that is all zero. */
void entry_finish(struct entry *entry);
