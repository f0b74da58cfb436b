/* SPDX-License-Identifier: Apache-2.0 */
#include "policy/header.h"

static bool is_blank(uint8_t octet)
{
	return octet == ' ' || octet == '\t';
}

struct slice header_trim(struct slice value)
{
	while (value.len > 0 && is_blank(value.data[0]))
		slice_take(&value, 1);
	while (value.len > 0 && is_blank(value.data[value.len - 1]))
		value.len--;
	return value;
}
