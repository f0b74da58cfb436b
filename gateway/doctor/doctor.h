/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Walks everything between a page and a publish, as a browser would, and tells
 * what is wrong and what to mend.
 *
 * Goes by what the wire shows, never by a configuration: it may run on any
 * machine. Every step ends at a deadline.
 */
#pragma once

#include <stdbool.h>

#include "base/slice.h"
#include "doctor/url.h"

struct doctor_order {
	struct url url;
	const char *origin;    /* of the page */
	bool is_origin_ours;   /* nobody gave it */
	const char *user;      /* NULL: none */
	struct slice password; /* data is NULL: none */
	const char *ca_file;   /* NULL: what the system trusts */
	const char *topic;     /* a valid name */
	unsigned timeout_s;    /* of each step */
};

/* Prints a line for each step, and the verdict. Whether all is well. */
bool doctor_visit(const struct doctor_order *order);
