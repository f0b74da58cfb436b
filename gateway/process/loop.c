/* SPDX-License-Identifier: Apache-2.0 */
#include "process/loop.h"

#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

#include "base/failure.h"

/* libuv would abort without a word. */
static bool can_pipe(void)
{
	int ends[2];

	if (pipe2(ends, O_CLOEXEC) != 0)
		return failure_of("pipe2", errno);
	close(ends[0]);
	close(ends[1]);
	return true;
}

bool loop_open(uv_loop_t *loop)
{
	int error;

	if (!can_pipe())
		return false;
	error = uv_loop_init(loop);
	return error == 0 || failure_of("uv_loop_init", -error);
}
