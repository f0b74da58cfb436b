/* SPDX-License-Identifier: Apache-2.0 */
#include "doctor/url.h"

#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

#define LENGTH(array) (sizeof(array) / sizeof((array)[0]))

struct good {
	const char *text;
	bool is_secure;
	const char *host;
	unsigned port;
	const char *authority;
	const char *target;
	size_t path_len;
	const char *origin;
};

static const struct good goods[] = {
	{ "ws://a.test", false, "a.test", 80, "a.test", "/", 1,
	  "http://a.test" },
	{ "wss://A.Test/mqtt", true, "a.test", 443, "a.test", "/mqtt", 5,
	  "https://a.test" },
	{ "WSS://a:443/", true, "a", 443, "a", "/", 1, "https://a" },
	{ "ws://a:443/", false, "a", 443, "a:443", "/", 1, "http://a:443" },
	{ "ws://127.0.0.1:8083/json?x=/1", false, "127.0.0.1", 8083,
	  "127.0.0.1:8083", "/json?x=/1", 5, "http://127.0.0.1:8083" },
	{ "ws://a?x", false, "a", 80, "a", "/?x", 1, "http://a" },
	{ "ws://[0:0::1]:9/", false, "::1", 9, "[::1]:9", "/", 1,
	  "http://[::1]:9" },
	{ "wss://[2001:DB8::7]", true, "2001:db8::7", 443, "[2001:db8::7]", "/",
	  1, "https://[2001:db8::7]" },
};

static void urls_are_read_as_browsers_read_them(void **state)
{
	(void)state;
	for (size_t i = 0; i < LENGTH(goods); i++) {
		const struct good *good = &goods[i];
		char origin[URL_ORIGIN_BYTES];
		struct url url;

		assert_int_equal(url_read(good->text, &url), URL_FINE);
		assert_int_equal(url.is_secure, good->is_secure);
		assert_string_equal(url.host, good->host);
		assert_int_equal(url.port, good->port);
		assert_string_equal(url.authority, good->authority);
		assert_string_equal(url.target, good->target);
		assert_int_equal(url_path(&url).len, good->path_len);
		url_origin(&url, origin);
		assert_string_equal(origin, good->origin);
	}
}

static const struct {
	const char *text;
	enum url_fault fault;
} bads[] = {
	{ "", URL_NO_SCHEME },
	{ "a.test/mqtt", URL_NO_SCHEME },
	{ "ws:/a", URL_NO_SCHEME },
	{ "http://a/", URL_HTTP },
	{ "https://a/", URL_HTTPS },
	{ "mqtt://a:1883", URL_MQTT },
	{ "MQTTS://a:8883", URL_MQTT },
	{ "tcp://a:1883", URL_MQTT },
	{ "gopher://a/", URL_OTHER_SCHEME },
	{ "ws://a/ b", URL_OCTET },
	{ "ws://a/\r\nHost: b", URL_OCTET },
	{ "ws://\xc3\xa4.test/", URL_OCTET },
	{ "ws://anna:pw@a/", URL_USER },
	{ "ws://a/#top", URL_FRAGMENT },
	{ "ws://a#top", URL_FRAGMENT },
	{ "ws://", URL_BAD_HOST },
	{ "ws:///mqtt", URL_BAD_HOST },
	{ "ws://a..b/", URL_BAD_HOST },
	{ "ws://1.2.3/", URL_BAD_HOST },
	{ "ws://[::1/", URL_BAD_HOST },
	{ "ws://a:0/", URL_BAD_PORT },
	{ "ws://a:65536/", URL_BAD_PORT },
	{ "ws://a:/", URL_BAD_PORT },
	{ "ws://a:1x/", URL_BAD_PORT },
};

static void what_browsers_refuse_has_a_reason_of_its_own(void **state)
{
	struct url untouched = { .port = 7 };

	(void)state;
	for (size_t i = 0; i < LENGTH(bads); i++) {
		assert_int_equal(url_read(bads[i].text, &untouched),
		                 bads[i].fault);
		assert_int_equal(untouched.port, 7);
	}
}

static void a_target_that_is_too_long_is_refused(void **state)
{
	char text[URL_TARGET_BYTES + 16] = "ws://a/";
	struct url url;

	(void)state;
	memset(text + 7, 'x', URL_TARGET_BYTES - 2);
	assert_int_equal(url_read(text, &url), URL_FINE);
	memset(text + 7, 'x', URL_TARGET_BYTES - 1);
	assert_int_equal(url_read(text, &url), URL_TOO_LONG);
}

static void every_fault_says_what_to_write(void **state)
{
	(void)state;
	for (size_t i = 0; i < URL_FAULTS; i++)
		assert_non_null(url_fault_text((enum url_fault)i));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(urls_are_read_as_browsers_read_them),
		cmocka_unit_test(what_browsers_refuse_has_a_reason_of_its_own),
		cmocka_unit_test(a_target_that_is_too_long_is_refused),
		cmocka_unit_test(every_fault_says_what_to_write),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
