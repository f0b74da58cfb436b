/* SPDX-License-Identifier: Apache-2.0 */
#include "proxy/crc32c.h"

#define POLYNOMIAL 0x82f63b78u /* its bits the other way round */

/* Bit by bit: what it sums is short, and rare. */
uint32_t crc32c(uint32_t crc, struct slice bytes)
{
	crc = ~crc;
	for (size_t i = 0; i < bytes.len; i++) {
		crc ^= bytes.data[i];
		for (int bit = 0; bit < 8; bit++)
			crc = crc >> 1 ^ ((crc & 1) != 0 ? POLYNOMIAL : 0);
	}
	return ~crc;
}
