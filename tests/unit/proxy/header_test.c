/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "address.h"
#include "proxy/header.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))
#define START "\r\n\r\n\0\r\nQUIT\n"
#define BYTES(text)                                                            \
	((struct slice){ (const uint8_t *)(text), sizeof(text) - 1 })
#define SUM "\x8d\xa0\xd1\x88" /* of a block with V4 and nothing else */
#define V4 "\x01\x02\x03\x04\x0a\x00\x00\x01\xc3\x50\x22\xb8"
#define V6                                                                     \
	"\x20\x01\x0d\xb8\0\0\0\0\0\0\0\0\0\0\0\x09"                           \
	"\x20\x01\x0d\xb8\0\0\0\0\0\0\0\0\0\0\0\x01\xc3\x50\x22\xb8"

/* Every begin of it asks for more; what follows is not touched. */
static struct proxy_header read_whole(struct slice header)
{
	uint8_t bytes[PROXY_HEADER_BYTES_MAX + 1];
	struct proxy_header read = { 0 };

	assert_true(header.len < sizeof bytes);
	memcpy(bytes, header.data, header.len);
	bytes[header.len] = '\n';
	for (size_t len = 0; len < header.len; len++)
		assert_int_equal(
		    proxy_header_read((struct slice){ bytes, len }, &read),
		    PROXY_HEADER_MORE);
	assert_int_equal(
	    proxy_header_read((struct slice){ bytes, header.len + 1 }, &read),
	    PROXY_HEADER_WHOLE);
	assert_int_equal(read.len, header.len);
	return read;
}

static void is_from(struct slice header, const char *host)
{
	struct proxy_header read = read_whole(header);

	assert_address(&read.source, host, 50000);
}

static void is_without(struct slice header)
{
	assert_int_equal(read_whole(header).source.ss_family, AF_UNSPEC);
}

/* It is found wrong in the end, and never taken for whole. */
static void is_wrong(struct slice header)
{
	struct proxy_header read;
	enum proxy_header_seen seen = PROXY_HEADER_MORE;

	for (size_t len = 0; len <= header.len; len++) {
		seen = proxy_header_read((struct slice){ header.data, len },
		                         &read);
		assert_int_not_equal(seen, PROXY_HEADER_WHOLE);
	}
	assert_int_equal(seen, PROXY_HEADER_WRONG);
}

static void a_line_tells_the_client(void **state)
{
	(void)state;
	is_from(BYTES("PROXY TCP4 1.2.3.4 10.0.0.1 50000 8888\r\n"), "1.2.3.4");
	is_from(BYTES("PROXY TCP6 2001:db8::9 ::1 50000 8888\r\n"),
	        "2001:db8::9");
	is_from(BYTES("PROXY TCP6 ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff "
	              "ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff 50000 "
	              "65535\r\n"),
	        "ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff");
}

static void a_line_may_know_nobody(void **state)
{
	(void)state;
	is_without(BYTES("PROXY UNKNOWN\r\n"));
	is_without(BYTES("PROXY UNKNOWN whatever it says\r\n"));
}

static void a_line_that_is_none_is_wrong(void **state)
{
	(void)state;
	is_wrong(BYTES("GET / HTTP/1.1\r\n"));
	is_wrong(BYTES("proxy TCP4 1.2.3.4 10.0.0.1 50000 8888\r\n"));
	is_wrong(BYTES("PROXY  TCP4 1.2.3.4 10.0.0.1 50000 8888\r\n"));
	is_wrong(BYTES("PROXY TCP5 1.2.3.4 10.0.0.1 50000 8888\r\n"));
	is_wrong(BYTES("PROXY \r\n"));
	is_wrong(BYTES("PROXY \n"));
	is_wrong(BYTES("PROXY TCP4 1.2.3.4 10.0.0.1 50000 8888\n"));
	is_wrong(BYTES("PROXY TCP4\r\n"));
	is_wrong(BYTES("PROXY TCP4 1.2.3.4 10.0.0.1 50000\r\n"));
	is_wrong(BYTES("PROXY TCP4 1.2.3.4 10.0.0.1 50000 \r\n"));
	is_wrong(BYTES("PROXY TCP4 1.2.3.4 10.0.0.1 50000 8888 \r\n"));
	is_wrong(BYTES("PROXY TCP4 1.2.3.4 10.0.0.1 50000 8888 9\r\n"));
	is_wrong(BYTES("PROXY TCP4 1.2.3.4 10.0.0.1 50000 65536\r\n"));
	is_wrong(BYTES("PROXY TCP4 1.2.3.4 10.0.0.1 050000 8888\r\n"));
	is_wrong(BYTES("PROXY TCP4 1.2.3.4 10.0.0.1 -1 8888\r\n"));
	is_wrong(BYTES("PROXY TCP4 1.2.3.256 10.0.0.1 50000 8888\r\n"));
	is_wrong(BYTES("PROXY TCP4 1.2.3.4 10.0.0 50000 8888\r\n"));
	is_wrong(BYTES("PROXY TCP4 2001:db8::9 ::1 50000 8888\r\n"));
	is_wrong(BYTES("PROXY TCP6 1.2.3.4 10.0.0.1 50000 8888\r\n"));
	is_wrong(BYTES("PROXY TCP4 1.2.3.4\0 10.0.0.1 50000 8888\r\n"));
	is_wrong(BYTES("PROXY TCP4 1.2.3.4\r 10.0.0.1 50000 8888\r\n"));
}

static void a_line_has_107_octets_at_most(void **state)
{
	char line[PROXY_HEADER_BYTES_MAX] = "PROXY UNKNOWN ";
	size_t start = strlen(line);

	(void)state;
	memset(line + start, 'x', sizeof line - start);
	is_wrong((struct slice){ (const uint8_t *)line, 107 });
	line[105] = '\r';
	line[106] = '\n';
	is_without((struct slice){ (const uint8_t *)line, 107 });
	line[105] = 'x';
	line[106] = '\r';
	line[107] = '\n';
	is_wrong((struct slice){ (const uint8_t *)line, 108 });
}

static void a_block_tells_the_client(void **state)
{
	(void)state;
	is_from(BYTES(START "\x21\x11\x00\x0c" V4), "1.2.3.4");
	is_from(BYTES(START "\x21\x21\x00\x24" V6), "2001:db8::9");
	is_from(BYTES(START "\x21\x11\x00\x15" V4 "\x01\0\x02h2\x04\0\x01\0"),
	        "1.2.3.4");
}

static void a_block_may_know_nobody(void **state)
{
	uint8_t unix_block[16 + 216] = START "\x21\x31\x00\xd8";

	(void)state;
	is_without(BYTES(START "\x20\x00\x00\x00"));
	is_without(BYTES(START "\x20\x11\x00\x0c" V4));
	is_without(BYTES(START "\x20\xff\x00\x02xx"));
	is_without(BYTES(START "\x21\x00\x00\x00"));
	is_without(BYTES(START "\x21\x00\x00\x02xx"));
	is_without((struct slice){ unix_block, sizeof unix_block });
}

static void a_block_that_is_none_is_wrong(void **state)
{
	(void)state;
	is_wrong(BYTES("\r\n\r\n\0\r\nQUIT\r"));
	is_wrong(BYTES(START "\x11\x11\x00\x0c"));
	is_wrong(BYTES(START "\x22\x11\x00\x0c"));
	is_wrong(BYTES(START "\x21\x11\x00\x0b\x01\x02\x03\x04\x0a\x00\x00\x01"
	                     "\xc3\x50\x22"));
	is_wrong(BYTES(START "\x21\x21\x00\x0c" V4));
	is_wrong(BYTES(START "\x21\x31\x00\x0c" V4));
	is_wrong(BYTES(START "\x21\x12\x00\x0c" V4));
	is_wrong(BYTES(START "\x21\x41\x00\x0c" V4));
	is_wrong(BYTES(START "\x21\x11\x00\x0e" V4 "\x01\0"));
	is_wrong(BYTES(START "\x21\x11\x00\x10" V4 "\x01\0\x02h"));
}

static void a_block_has_536_octets_at_most(void **state)
{
	uint8_t block[PROXY_HEADER_BYTES_MAX] = START "\x21\x11\x02\x08" V4;

	(void)state;
	block[28] = 0x04; /* a filler of 505 octets */
	block[29] = 0x01;
	block[30] = 0xf9;
	is_from((struct slice){ block, sizeof block }, "1.2.3.4");
	is_wrong(BYTES(START "\x21\x11\x02\x09"));
	is_wrong(BYTES(START "\x20\x00\xff\xff"));
}

static void a_sum_has_to_be_right(void **state)
{
	(void)state;
	is_from(BYTES(START "\x21\x11\x00\x13" V4 "\x03\0\x04" SUM), "1.2.3.4");
	is_wrong(
	    BYTES(START "\x21\x11\x00\x13" V4 "\x03\0\x04\x01\x02\x03\x04"));
	is_wrong(BYTES(START "\x21\x11\x00\x12" V4 "\x03\0\x03\x01\x02\x03"));
}

/* What we write, as it is read. */
static struct proxy_header written(enum proxy_header_version version,
                                   struct sockaddr_storage source,
                                   struct sockaddr_storage destination)
{
	uint8_t out[PROXY_HEADER_BYTES_OURS];
	size_t len = proxy_header_write(version, &source, &destination, out);

	return read_whole((struct slice){ out, len });
}

static void what_is_written_is_read(void **state)
{
	(void)state;
	for (int v = PROXY_HEADER_V1; v <= PROXY_HEADER_V2; v++) {
		enum proxy_header_version version =
		    (enum proxy_header_version)v;
		struct proxy_header read =
		    written(version, address_of("1.2.3.4", 50000),
		            address_of("10.0.0.1", 8888));

		assert_address(&read.source, "1.2.3.4", 50000);
		read = written(version, address_of("2001:db8::9", 50000),
		               address_of("::1", 8888));
		assert_address(&read.source, "2001:db8::9", 50000);
		read = written(version, address_of("::ffff:1.2.3.4", 50000),
		               address_of("10.0.0.1", 8888));
		assert_address(&read.source, "1.2.3.4", 50000);
		read = written(version, address_of("2001:db8::9", 0),
		               address_of("10.0.0.1", 8888));
		assert_address(&read.source, "2001:db8::9", 0);
		read = written(version, address_of("1.2.3.4", 50000),
		               address_unix());
		assert_address(&read.source, "1.2.3.4", 50000);
		read = written(version, address_unix(), address_unix());
		assert_int_equal(read.source.ss_family, AF_UNSPEC);
	}
}

static void a_line_is_written_as_proxies_do(void **state)
{
	struct sockaddr_storage source = address_of("1.2.3.4", 50000);
	struct sockaddr_storage destination = address_of("10.0.0.1", 8888);
	uint8_t out[PROXY_HEADER_BYTES_OURS];
	size_t len =
	    proxy_header_write(PROXY_HEADER_V1, &source, &destination, out);

	(void)state;
	assert_true(slice_is((struct slice){ out, len },
	                     "PROXY TCP4 1.2.3.4 10.0.0.1 50000 8888\r\n"));
	len = proxy_header_write(PROXY_HEADER_V2, &source, &destination, out);
	assert_true(slice_equals((struct slice){ out, len },
	                         BYTES(START "\x21\x11\x00\x0c" V4)));
	assert_int_equal(
	    proxy_header_write(PROXY_HEADER_NONE, &source, &destination, out),
	    0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_line_tells_the_client),
		cmocka_unit_test(a_line_may_know_nobody),
		cmocka_unit_test(a_line_that_is_none_is_wrong),
		cmocka_unit_test(a_line_has_107_octets_at_most),
		cmocka_unit_test(a_block_tells_the_client),
		cmocka_unit_test(a_block_may_know_nobody),
		cmocka_unit_test(a_block_that_is_none_is_wrong),
		cmocka_unit_test(a_block_has_536_octets_at_most),
		cmocka_unit_test(a_sum_has_to_be_right),
		cmocka_unit_test(what_is_written_is_read),
		cmocka_unit_test(a_line_is_written_as_proxies_do),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
