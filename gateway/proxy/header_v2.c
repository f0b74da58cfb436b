/* SPDX-License-Identifier: Apache-2.0 */
#include "proxy/header_v2.h"

#include <netinet/in.h>
#include <stdbool.h>
#include <string.h>

#include "proxy/crc32c.h"

#define FIXED_BYTES 16 /* start, command, family, length */
#define COMMAND_AT 12
#define FAMILY_AT 13
#define LENGTH_AT 14
#define IS_LOCAL 0x20 /* command with its version */
#define IS_PROXY 0x21
#define VALUE_HEAD_BYTES 3 /* type, length */
#define TYPE_CRC32C 0x03
#define CRC_BYTES 4

enum family {
	FAMILY_UNKNOWN = 0x00,
	FAMILY_TCP4 = 0x11,
	FAMILY_TCP6 = 0x21,
	FAMILY_UNIX = 0x31,
};

const uint8_t proxy_header_v2_start[PROXY_HEADER_V2_START_BYTES] = {
	'\r', '\n', '\r', '\n', 0, '\r', '\n', 'Q', 'U', 'I', 'T', '\n',
};

#define IPV4_OCTETS 4
#define IPV6_OCTETS 16

struct v4_ends {
	uint8_t source[IPV4_OCTETS];
	uint8_t destination[IPV4_OCTETS];
	uint8_t ports[4];
};

struct v6_ends {
	uint8_t source[IPV6_OCTETS];
	uint8_t destination[IPV6_OCTETS];
	uint8_t ports[4];
};

#define UNIX_ENDS_BYTES 216

static size_t read_number(const uint8_t *at)
{
	return (size_t)at[0] << 8 | at[1];
}

static void read_v4(const struct v4_ends *ends, struct sockaddr_storage *source)
{
	struct sockaddr_in in = { .sin_family = AF_INET };

	memcpy(&in.sin_addr, ends->source, sizeof ends->source);
	memcpy(&in.sin_port, ends->ports, sizeof in.sin_port);
	memcpy(source, &in, sizeof in);
}

static void read_v6(const struct v6_ends *ends, struct sockaddr_storage *source)
{
	struct sockaddr_in6 in6 = { .sin6_family = AF_INET6 };

	memcpy(&in6.sin6_addr, ends->source, sizeof ends->source);
	memcpy(&in6.sin6_port, ends->ports, sizeof in6.sin6_port);
	memcpy(source, &in6, sizeof in6);
}

/* Cuts the ends off `body`; false: they are not what `family` has. */
static bool read_ends(uint8_t family, struct slice *body,
                      struct sockaddr_storage *source)
{
	switch (family) {
	case FAMILY_UNKNOWN:
		body->len = 0; /* whatever stands there */
		return true;
	case FAMILY_TCP4:
		if (body->len < sizeof(struct v4_ends))
			return false;
		read_v4(
		    (const void *)slice_take(body, sizeof(struct v4_ends)).data,
		    source);
		return true;
	case FAMILY_TCP6:
		if (body->len < sizeof(struct v6_ends))
			return false;
		read_v6(
		    (const void *)slice_take(body, sizeof(struct v6_ends)).data,
		    source);
		return true;
	case FAMILY_UNIX:
		if (body->len < UNIX_ENDS_BYTES)
			return false;
		(void)slice_take(body, UNIX_ENDS_BYTES);
		return true;
	default:
		return false;
	}
}

/* The sum is made with its own four octets as zeros. */
static bool is_sum_right(struct slice block, const uint8_t *sum)
{
	static const uint8_t zeros[CRC_BYTES];
	size_t before = (size_t)(sum - block.data);
	uint32_t crc = crc32c(0, slice_take(&block, before));

	(void)slice_take(&block, CRC_BYTES);
	crc = crc32c(crc, (struct slice){ zeros, CRC_BYTES });
	crc = crc32c(crc, block);
	for (int i = 0; i < CRC_BYTES; i++) {
		if (sum[i] != (uint8_t)(crc >> (24 - 8 * i)))
			return false;
	}
	return true;
}

/* The values after the ends, of which only the sum says something to us. */
static bool check_values(struct slice block, struct slice values)
{
	while (values.len > 0) {
		if (values.len < VALUE_HEAD_BYTES)
			return false;

		const uint8_t *head =
		    slice_take(&values, VALUE_HEAD_BYTES).data;
		size_t len = read_number(head + 1);

		if (len > values.len)
			return false;

		const uint8_t *value = slice_take(&values, len).data;

		if (head[0] == TYPE_CRC32C &&
		    (len != CRC_BYTES || !is_sum_right(block, value)))
			return false;
	}
	return true;
}

static bool read_block(struct slice block, struct sockaddr_storage *source)
{
	struct slice body = block;
	const uint8_t *fixed = slice_take(&body, FIXED_BYTES).data;

	*source = (struct sockaddr_storage){ .ss_family = AF_UNSPEC };
	if (fixed[COMMAND_AT] == IS_LOCAL)
		return true; /* whatever follows */
	return read_ends(fixed[FAMILY_AT], &body, source) &&
	       check_values(block, body);
}

enum proxy_header_seen proxy_header_v2_read(struct slice in,
                                            struct proxy_header *header)
{
	struct proxy_header read;

	if (in.len > COMMAND_AT && in.data[COMMAND_AT] != IS_LOCAL &&
	    in.data[COMMAND_AT] != IS_PROXY)
		return PROXY_HEADER_WRONG;
	if (in.len < FIXED_BYTES)
		return PROXY_HEADER_MORE;
	read.len = FIXED_BYTES + read_number(in.data + LENGTH_AT);
	if (read.len > PROXY_HEADER_BYTES_MAX)
		return PROXY_HEADER_WRONG;
	if (in.len < read.len)
		return PROXY_HEADER_MORE;
	if (!read_block((struct slice){ in.data, read.len }, &read.source))
		return PROXY_HEADER_WRONG;
	*header = read;
	return PROXY_HEADER_WHOLE;
}

/* Both addresses of `octets` octets, then both ports. */
static size_t write_ends(const struct sockaddr_storage *source,
                         const struct sockaddr_storage *destination,
                         size_t octets, uint8_t *out)
{
	const struct sockaddr_storage *ends[] = { source, destination };
	uint8_t *port = out + 2 * octets;

	for (int i = 0; i < 2; i++) {
		const struct sockaddr_in *in = (const void *)ends[i];
		const struct sockaddr_in6 *in6 = (const void *)ends[i];
		const void *address = octets == IPV4_OCTETS
		                          ? (const void *)&in->sin_addr
		                          : (const void *)&in6->sin6_addr;

		memcpy(out + (size_t)i * octets, address, octets);
		/* sin6_port stands where sin_port does. */
		memcpy(port, &in->sin_port, sizeof in->sin_port);
		port += sizeof in->sin_port;
	}
	return (size_t)(port - out);
}

size_t proxy_header_v2_write(const struct sockaddr_storage *source,
                             const struct sockaddr_storage *destination,
                             uint8_t out[static PROXY_HEADER_BYTES_OURS])
{
	uint8_t *body = out + FIXED_BYTES;
	size_t len = 0;

	memcpy(out, proxy_header_v2_start, sizeof proxy_header_v2_start);
	out[COMMAND_AT] = source ? IS_PROXY : IS_LOCAL;
	out[FAMILY_AT] = FAMILY_UNKNOWN;
	if (source && source->ss_family == AF_INET) {
		out[FAMILY_AT] = FAMILY_TCP4;
		len = write_ends(source, destination, IPV4_OCTETS, body);
	} else if (source) {
		out[FAMILY_AT] = FAMILY_TCP6;
		len = write_ends(source, destination, IPV6_OCTETS, body);
	}
	out[LENGTH_AT] = 0;
	out[LENGTH_AT + 1] = (uint8_t)len;
	return FIXED_BYTES + len;
}
