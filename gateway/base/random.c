/* SPDX-License-Identifier: Apache-2.0 */
#include "base/random.h"

#include <errno.h>
#include <stdint.h>
#include <stdio.h>
#include <sys/random.h>

#include "base/failure.h"

bool random_hex(char *text, size_t octets)
{
	uint8_t octet;

	for (size_t i = 0; i < octets; i++) {
		if (getrandom(&octet, sizeof octet, 0) != sizeof octet)
			return failure_of("getrandom", errno);
		snprintf(text + 2 * i, 3, "%02x", octet);
	}
	return true;
}
