/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The variables in a text of the configuration: ${user}, ${client},
 * ${session}, ${claim.NAME}.
 *
 * Cuts a text into pieces, each of them literal or one variable. What a
 * variable stands for, and where it may stand, its user knows.
 */
#pragma once

#include <stdbool.h>

#include "base/slice.h"

enum variable {
	VARIABLE_NONE = 0, /* literal text */
	VARIABLE_USER,
	VARIABLE_CLIENT,
	VARIABLE_SESSION,
	VARIABLE_CLAIM,
	VARIABLE_UNKNOWN,
	VARIABLE_UNCLOSED, /* "${" without "}" */
};

struct variable_piece {
	enum variable variable;
	struct slice text; /* literal text; of a claim its NAME */
};

/* Takes the first piece off `rest`; false: there is none left. */
bool variable_next(struct slice *rest, struct variable_piece *piece);
