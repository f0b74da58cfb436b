/* SPDX-License-Identifier: Apache-2.0 */
#include "process/environment.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define DIGITS_MAX 18 /* no more can overflow */

uint64_t environment_number(const char *name)
{
	const char *text = getenv(name);
	size_t len = text ? strlen(text) : 0;

	if (len == 0 || len > DIGITS_MAX || strspn(text, "0123456789") != len)
		return 0;
	return strtoull(text, NULL, 10);
}

bool environment_is_ours(const char *name)
{
	return environment_number(name) == (uint64_t)getpid();
}
