/* SPDX-License-Identifier: Apache-2.0 */
/*
 * How far the doctor has come.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/attribute.h"
#include "doctor/advice.h"
#include "doctor/dns.h"
#include "doctor/report.h"
#include "doctor/secure.h"
#include "doctor/talk.h"
#include "doctor/upgrade.h"
#include "doctor/wire.h"

struct doctor_order;

struct visit {
	const struct doctor_order *order;
	struct report report;
	char path[URL_TARGET_BYTES];
	char site[URL_ORIGIN_BYTES];
	struct advice_names names;
	struct dns_answer addresses;
	const struct sockaddr_storage *address; /* the one that answered */
	struct secure secure;
	struct wire wire;
	struct upgrade upgrade;
	struct talk talk;
};

/* NULL: no memory, or a bad file of --ca (which is told). */
MUST_CHECK struct visit *visit_create(const struct doctor_order *order);
void visit_destroy(struct visit *visit);

/* A deadline for a step that begins now. */
uint64_t visit_deadline(const struct visit *visit);

/* The same for a look at what else may stand there. */
uint64_t visit_glance(const struct visit *visit);

/*
 * Goes in again by the way that was found good, in place of the session that
 * there was; says nothing. False: this time it was not.
 */
MUST_CHECK bool visit_again(struct visit *visit);

/* Reports `advice`: what it means behind `what`, then what to mend. */
void visit_advise(struct visit *visit, const char *step, const char *what,
                  const struct advice *advice);

/* Reports why `what` did not come. */
void visit_tell_end(struct visit *visit, enum talk_end end, const char *step,
                    const char *what);
