/* SPDX-License-Identifier: Apache-2.0 */
#include "page/intake.h"

void intake_finish(struct intake *intake)
{
	backlog_finish(&intake->pieces);
}

static bool fits(size_t before, const struct ws_piece *piece, size_t most)
{
	return piece->bytes.len <= most && before <= most - piece->bytes.len &&
	       piece->left <= most - piece->bytes.len - before;
}

enum intake_step intake_add(struct intake *intake, const struct ws_piece *piece,
                            size_t most, struct slice *message)
{
	size_t before = backlog_peek(&intake->pieces).len;

	if (!fits(before, piece, most))
		return INTAKE_TOO_LARGE;
	if (piece->is_last && before == 0) {
		*message = piece->bytes;
		return INTAKE_WHOLE;
	}
	if (!backlog_put(&intake->pieces, piece->bytes))
		return INTAKE_MEMORY;
	if (!piece->is_last)
		return INTAKE_MORE;
	*message = backlog_peek(&intake->pieces);
	return INTAKE_WHOLE;
}

void intake_clear(struct intake *intake)
{
	intake_finish(intake);
}
