/* SPDX-License-Identifier: Apache-2.0 */
#include "session/intake.h"

void intake_finish(struct intake *intake)
{
	backlog_finish(&intake->pieces);
}

enum intake_step intake_add(struct intake *intake, struct slice piece,
                            bool is_last, size_t most, struct slice *message)
{
	size_t before = backlog_peek(&intake->pieces).len;

	if (piece.len > most || before > most - piece.len)
		return INTAKE_TOO_LARGE;
	if (is_last && before == 0) {
		*message = piece;
		return INTAKE_WHOLE;
	}
	if (!backlog_put(&intake->pieces, piece))
		return INTAKE_MEMORY;
	if (!is_last)
		return INTAKE_MORE;
	*message = backlog_peek(&intake->pieces);
	return INTAKE_WHOLE;
}

void intake_clear(struct intake *intake)
{
	intake_finish(intake);
}
