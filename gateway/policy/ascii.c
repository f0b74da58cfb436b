/* SPDX-License-Identifier: Apache-2.0 */
#include "policy/ascii.h"

bool ascii_is_alpha(uint8_t octet)
{
	uint8_t folded = ascii_fold(octet);

	return folded >= 'a' && folded <= 'z';
}

bool ascii_is_digit(uint8_t octet)
{
	return octet >= '0' && octet <= '9';
}

uint8_t ascii_fold(uint8_t octet)
{
	bool is_upper = octet >= 'A' && octet <= 'Z';

	return is_upper ? (uint8_t)(octet - 'A' + 'a') : octet;
}

bool ascii_same(struct slice a, struct slice b)
{
	if (a.len != b.len)
		return false;
	for (size_t i = 0; i < a.len; i++) {
		if (ascii_fold(a.data[i]) != ascii_fold(b.data[i]))
			return false;
	}
	return true;
}
