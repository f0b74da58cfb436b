/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Laws of what proxies say about the client.
 *
 * A PROXY header: what is whole was not whole, and not wrong, at any shorter
 * length; what is wrong stays so, whatever follows; nothing behind the header
 * is looked at; what is written is read. The octets lie at the end of memory
 * of their own length, so that a sanitizer sees one that is read too far.
 *
 * X-Forwarded-For: read as by a slow reader that walks over texts. What stands
 * left of the client changes nothing; blanks do not either.
 */
#include <arpa/inet.h>
#include <netinet/in.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "proxy/forwarded.h"
#include "proxy/header.h"

#define TRUSTED 3
#define HEADER_BYTES_MOST (PROXY_HEADER_BYTES_MAX + 2) /* that are cut */

static void expect(bool is_so)
{
	if (!is_so)
		abort();
}

/* A copy at the very end of its memory. */
static struct slice own(const uint8_t *data, size_t len)
{
	uint8_t *copy = malloc(len > 0 ? len : 1);

	expect(copy != NULL);
	if (len > 0)
		memcpy(copy, data, len);
	return (struct slice){ copy, len };
}

static void drop(struct slice copy)
{
	free((void *)(uintptr_t)copy.data);
}

static bool is_same(const struct sockaddr_storage *a,
                    const struct sockaddr_storage *b)
{
	return memcmp(a, b, sizeof *a) == 0;
}

static enum proxy_header_seen read_own(const uint8_t *data, size_t len,
                                       struct proxy_header *header)
{
	struct slice copy = own(data, len);
	enum proxy_header_seen seen = proxy_header_read(copy, header);

	drop(copy);
	return seen;
}

/* Reads at every length, as one does who gets octet by octet. */
static void check_cuts(const uint8_t *data, size_t size)
{
	enum proxy_header_seen before = PROXY_HEADER_MORE;
	struct proxy_header first = { 0 };
	struct proxy_header header = { 0 };

	for (size_t len = 0; len <= size && len < HEADER_BYTES_MOST; len++) {
		enum proxy_header_seen seen = read_own(data, len, &header);

		expect(before == PROXY_HEADER_MORE || seen == before);
		if (seen == PROXY_HEADER_WHOLE) {
			if (before == PROXY_HEADER_MORE) {
				expect(header.len == len);
				first = header;
			}
			expect(header.len == first.len);
			expect(is_same(&header.source, &first.source));
		}
		expect(seen != PROXY_HEADER_MORE ||
		       len < PROXY_HEADER_BYTES_MAX);
		before = seen;
	}
}

/* An address and a port out of `data`, which has 19 octets for it. */
static struct sockaddr_storage read_end(const uint8_t *data)
{
	struct sockaddr_storage end = { .ss_family = AF_UNSPEC };
	struct sockaddr_in *in = (void *)&end;
	struct sockaddr_in6 *in6 = (void *)&end;

	switch (data[0] & 3) {
	case 0:
		end.ss_family = AF_INET;
		memcpy(&in->sin_addr, data + 3, sizeof in->sin_addr);
		break;
	case 1:
		end.ss_family = AF_INET6;
		memcpy(&in6->sin6_addr, data + 3, sizeof in6->sin6_addr);
		break;
	case 2:
		end.ss_family = AF_UNIX;
		return end;
	default:
		return end;
	}
	memcpy(&in->sin_port, data + 1, sizeof in->sin_port);
	return end;
}

#define END_BYTES 19

/* The 16 octets by which both families are one; false: neither. */
static bool octets_of(const struct sockaddr_storage *end, uint8_t octets[16])
{
	const struct sockaddr_in *in = (const void *)end;
	const struct sockaddr_in6 *in6 = (const void *)end;

	memset(octets, 0, 16);
	if (end->ss_family == AF_INET6) {
		memcpy(octets, &in6->sin6_addr, 16);
		return true;
	}
	octets[10] = 0xff;
	octets[11] = 0xff;
	memcpy(octets + 12, &in->sin_addr, 4);
	return end->ss_family == AF_INET;
}

static void check_same_end(const struct sockaddr_storage *read,
                           const struct sockaddr_storage *written)
{
	const struct sockaddr_in *in = (const void *)read;
	const struct sockaddr_in *wanted = (const void *)written;
	uint8_t octets[2][16];

	if (!octets_of(written, octets[0])) {
		expect(read->ss_family == AF_UNSPEC);
		return;
	}
	expect(octets_of(read, octets[1]));
	expect(memcmp(octets[0], octets[1], sizeof octets[0]) == 0);
	expect(in->sin_port == wanted->sin_port);
}

/* What is written of these ends is read, with anything after it. */
static void check_written(enum proxy_header_version version,
                          const uint8_t *data, size_t size)
{
	uint8_t out[PROXY_HEADER_BYTES_OURS + END_BYTES];
	struct proxy_header header;

	if (size < 2 * (size_t)END_BYTES)
		return;

	struct sockaddr_storage source = read_end(data);
	struct sockaddr_storage destination = read_end(data + END_BYTES);
	size_t len = proxy_header_write(version, &source, &destination, out);

	expect(len > 0 && len <= PROXY_HEADER_BYTES_OURS);
	memcpy(out + len, data, END_BYTES);
	check_cuts(out, len + END_BYTES);
	expect(read_own(out, len, &header) == PROXY_HEADER_WHOLE);
	expect(header.len == len);
	check_same_end(&header.source, &source);
}

static bool is_blank(char letter)
{
	return letter == ' ' || letter == '\t';
}

/* One address of the list, the slow way; false: it is none. */
static bool read_one(const char *text, size_t len,
                     struct sockaddr_storage *address)
{
	struct sockaddr_in *in = (void *)address;
	struct sockaddr_in6 *in6 = (void *)address;
	char host[64];
	int end = 0;
	unsigned octets[4];

	for (; len > 0 && is_blank(text[0]); len--)
		text++;
	while (len > 0 && is_blank(text[len - 1]))
		len--;
	if (len == 0 || len >= sizeof host || memchr(text, '\0', len))
		return false;
	memcpy(host, text, len);
	host[len] = '\0';
	*address = (struct sockaddr_storage){ .ss_family = AF_INET6 };
	if (inet_pton(AF_INET6, host, &in6->sin6_addr) == 1)
		return true;
	if (host[0] == '[') {
		char *close = strchr(host, ']');

		if (!close)
			return false;
		*close = '\0';
		end = (int)(close - host) + 1;
		if (inet_pton(AF_INET6, host + 1, &in6->sin6_addr) != 1)
			return false;
	} else {
		*address = (struct sockaddr_storage){ .ss_family = AF_INET };
		if (sscanf(host, "%3u.%3u.%3u.%3u%n", &octets[0], &octets[1],
		           &octets[2], &octets[3], &end) != 4)
			return false;

		char last = host[end];

		host[end] = '\0';
		if (inet_pton(AF_INET, host, &in->sin_addr) != 1)
			return false;
		host[end] = last;
	}
	if ((size_t)end == len)
		return true;
	return host[end] == ':' &&
	       strspn(host + end + 1, "0123456789") == len - (size_t)end - 1;
}

static bool is_trusted(const struct network *trusted,
                       const struct sockaddr_storage *address)
{
	for (size_t i = 0; i < TRUSTED; i++) {
		if (network_has(&trusted[i], address))
			return true;
	}
	return false;
}

/* From the right; `at` is where the one that decided begins. */
static bool read_slowly(const char *text, size_t len,
                        const struct network *trusted,
                        struct sockaddr_storage *client, size_t *at)
{
	size_t end = len;

	for (size_t i = len + 1; i-- > 0;) {
		if (i > 0 && text[i - 1] != ',')
			continue;
		*at = i;
		if (!read_one(text + i, end - i, client))
			return false;
		if (!is_trusted(trusted, client) || i == 0)
			return true;
		end = i - 1;
	}
	return false;
}

static void check_forwarded(const uint8_t *data, size_t size)
{
	static const char *const texts[TRUSTED] = { "10.0.0.0/8", "fd00::/8",
		                                    "127.0.0.1" };
	struct network trusted[TRUSTED];
	struct sockaddr_storage seen = { 0 };
	struct sockaddr_storage wanted = { 0 };
	struct slice copy = own(data, size);
	size_t at = 0;

	for (size_t i = 0; i < TRUSTED; i++)
		expect(network_read(texts[i], &trusted[i]) == NETWORK_READ);

	bool is_read = forwarded_read(copy, trusted, TRUSTED, &seen);

	expect(is_read ==
	       read_slowly((const char *)data, size, trusted, &wanted, &at));
	expect(!is_read || is_same(&seen, &wanted));
	drop(copy);
	if (at == 0 || (is_read && is_trusted(trusted, &seen)))
		return;
	/* The comma before it stays: there is somebody further left. */
	copy = own(data + at - 1, size - at + 1);
	wanted = seen;
	expect(forwarded_read(copy, trusted, TRUSTED, &seen) == is_read);
	expect(is_same(&seen, &wanted));
	drop(copy);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	if (size == 0)
		return 0;
	check_cuts(data, size);
	check_written(PROXY_HEADER_V1, data, size);
	check_written(PROXY_HEADER_V2, data, size);
	check_forwarded(data, size);
	return 0;
}
