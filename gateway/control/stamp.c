/* SPDX-License-Identifier: Apache-2.0 */
#include "control/stamp.h"

#include <string.h>
#include <time.h>

#define MINUTES_LEN 2 /* of an offset, for which strftime has no colon */

void stamp_write(uint64_t ms, char *out)
{
	time_t seconds = (time_t)(ms / 1000);
	struct tm local;
	size_t len;

	localtime_r(&seconds, &local);
	len = strftime(out, STAMP_BYTES - 1, "%Y-%m-%dT%H:%M:%S%z", &local);
	if (len < MINUTES_LEN) {
		*out = '\0';
		return;
	}
	memmove(out + len - MINUTES_LEN + 1, out + len - MINUTES_LEN,
	        MINUTES_LEN + 1);
	out[len - MINUTES_LEN] = ':';
}
