/* SPDX-License-Identifier: Apache-2.0 */
#include "base/failure.h"

#include <string.h>

#include "base/log.h"

bool failure_of(const char *call, int error)
{
	log_error("a call failed",
	          LOG_FIELDS(log_text("call", call),
	                     log_text("why", strerror(error))));
	return false;
}
