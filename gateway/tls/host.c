/* SPDX-License-Identifier: Apache-2.0 */
#include "tls/host.h"

#include <string.h>

#define HOST_NAME 0 /* the one type of name there is */

static uint8_t fold(uint8_t octet)
{
	return octet >= 'A' && octet <= 'Z' ? octet | 0x20 : octet;
}

/* Takes a number of two octets and as many octets as it says. */
static bool take_vector(struct slice *in, struct slice *out)
{
	if (in->len < 2)
		return false;
	struct slice rest = *in;
	struct slice len = slice_take(&rest, 2);
	size_t count = (size_t)(len.data[0] << 8 | len.data[1]);

	if (count > rest.len)
		return false;
	*out = slice_take(&rest, count);
	*in = rest;
	return true;
}

bool tls_host_asked(struct slice extension, struct slice *host)
{
	struct slice names;
	struct slice name;

	if (!take_vector(&extension, &names) || extension.len > 0 ||
	    names.len == 0 || slice_take(&names, 1).data[0] != HOST_NAME ||
	    !take_vector(&names, &name) || name.len == 0)
		return false;
	*host = name;
	return true;
}

bool tls_host_same(struct slice a, struct slice b)
{
	if (a.len != b.len)
		return false;
	for (size_t i = 0; i < a.len; i++) {
		if (fold(a.data[i]) != fold(b.data[i]))
			return false;
	}
	return true;
}

bool tls_host_covers(struct slice name, struct slice host)
{
	const uint8_t *dot =
	    host.len > 0 ? memchr(host.data, '.', host.len) : NULL;

	if (name.len < 3 || name.data[0] != '*' || name.data[1] != '.' ||
	    !dot || dot == host.data)
		return false;
	slice_take(&name, 1);
	slice_take(&host, (size_t)(dot - host.data));
	return tls_host_same(name, host);
}
