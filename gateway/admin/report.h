/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What the master knows, for control/status.
 */
#pragma once

#include <time.h>

#include "process/reload.h"
#include "process/succession.h"

struct report {
	const struct succession *succession;
	const struct reload *reload;
	time_t since; /* the program began */
};

/* To be freed; NULL: no memory. There is a generation that serves. */
char *report_text(const struct report *report);
char *report_json(const struct report *report);
