/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Who comes in, who is refused with which reason, and in which order the
 * checks speak: each test spoils a good handshake in one or two places.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "config/config.h"
#include "config/problem.h"
#include "policy/admission.h"
#include "policy/policy.h"

/* Two listeners, the second without a name of its own; two routes. */
struct fixture {
	struct config_text names[1];
	struct config_text pages[1];
	struct config_text self[1];
	struct config_text subprotocols[2];
	struct config_listener listeners[2];
	struct config_route routes[2];
	struct config config;
	struct policy *policy;
	struct handshake_request request;
};

static struct header one(const char *text)
{
	return (struct header){ HEADER_ONE, slice_from_text(text) };
}

static struct header bytes(const char *text, size_t len)
{
	return (struct header){ HEADER_ONE, { (const uint8_t *)text, len } };
}

static const struct header empty = { HEADER_ONE, { NULL, 0 } };
static const struct header absent = { HEADER_ABSENT, { NULL, 0 } };
static const struct header repeated = { HEADER_REPEATED, { NULL, 0 } };
static const struct header unreadable = { HEADER_UNREADABLE, { NULL, 0 } };

static struct handshake_request good_request(void)
{
	return (struct handshake_request){
		.is_get = true,
		.is_http11 = true,
		.path = slice_from_text("/mqtt"),
		.upgrade = one("websocket"),
		.version = one("13"),
		.key = one("dGhlIHNhbXBsZSBub25jZQ=="),
		.host = one("gw.example.com:8084"),
		.origin = one("https://app.example.com"),
		.subprotocols = one("mqtt"),
	};
}

static void make_config(struct fixture *f)
{
	static char name[] = "https://gw.example.com:8084";
	static char page[] = "https://app.example.com";
	static char self[] = POLICY_SELF;
	static char mqtt[] = "mqtt", mqtt31[] = "mqttv3.1";
	static char any_client_id[] = "any";
	static char path[] = "/mqtt", own_path[] = "/own/*";

	f->names[0].value = name;
	f->pages[0].value = page;
	f->self[0].value = self;
	f->subprotocols[0].value = mqtt;
	f->subprotocols[1].value = mqtt31;
	f->listeners[0].public_urls = (struct config_texts){ f->names, 1 };
	f->routes[0].path.value = path;
	f->routes[0].client_id.value = any_client_id;
	f->routes[0].origins = (struct config_texts){ f->pages, 1 };
	f->routes[0].subprotocols = (struct config_texts){ f->subprotocols, 2 };
	f->routes[1].path.value = own_path;
	f->routes[1].client_id.value = any_client_id;
	f->routes[1].origins = (struct config_texts){ f->self, 1 };
	f->routes[1].subprotocols =
	    (struct config_texts){ f->subprotocols + 1, 1 };
	f->config = (struct config){ .listeners = f->listeners,
		                     .listener_count = 2,
		                     .routes = f->routes,
		                     .route_count = 2 };
}

static int set_up(void **state)
{
	static struct fixture fixture;
	struct problems problems;

	fixture = (struct fixture){ .request = good_request() };
	make_config(&fixture);
	problems_init(&problems);
	fixture.policy = policy_create(&fixture.config, &problems);
	problems_finish(&problems);
	assert_non_null(fixture.policy);
	*state = &fixture;
	return 0;
}

static int tear_down(void **state)
{
	struct fixture *f = *state;

	policy_destroy(f->policy);
	return 0;
}

static struct admission admit(const struct fixture *f)
{
	return policy_admit(f->policy, &f->policy->listeners[0], &f->request);
}

static enum close_reason plain(const struct fixture *f)
{
	return policy_refuse_plain(f->policy, &f->policy->listeners[0],
	                           &f->request);
}

/* Expects `reason` for each of these in the place of `header`. */
static void expect_each(struct fixture *f, struct header *header,
                        const char *const *values, enum close_reason reason)
{
	for (; *values; values++) {
		*header = one(*values);
		if (admit(f).reason != reason)
			fail_msg("\"%s\": %s", *values,
			         close_answer(admit(f).reason)->word);
	}
}

static void expect_for(struct fixture *f, struct header *header,
                       struct header value, enum close_reason reason)
{
	struct header before = *header;

	*header = value;
	assert_int_equal(admit(f).reason, reason);
	*header = before;
}

static void good_handshake_comes_in(void **state)
{
	struct fixture *f = *state;
	struct admission admission = admit(f);

	assert_int_equal(admission.reason, CLOSE_NONE);
	assert_ptr_equal(admission.route, &f->policy->routes[0]);
	assert_true(slice_is(admission.subprotocol, "mqtt"));
	assert_ptr_equal(admission.subprotocol.data,
	                 f->request.subprotocols.value.data);
}

static void upgrade_is_websocket_in_any_case(void **state)
{
	static const char *const good[] = { "websocket", "WebSocket",
		                            " WEBSOCKET\t", NULL };
	static const char *const bad[] = { "",
		                           "h2c",
		                           "websocket, h2c",
		                           "foo, websocket",
		                           "websockets",
		                           "web socket",
		                           "websocke",
		                           "websocket/13",
		                           "websocket,",
		                           "websocket\r",
		                           NULL };
	struct fixture *f = *state;
	struct header *upgrade = &f->request.upgrade;

	expect_each(f, upgrade, good, CLOSE_NONE);
	expect_each(f, upgrade, bad, CLOSE_BAD_REQUEST);
	expect_for(f, upgrade, bytes("websocket\0", 10), CLOSE_BAD_REQUEST);
	expect_for(f, upgrade, empty, CLOSE_BAD_REQUEST);
	expect_for(f, upgrade, absent, CLOSE_BAD_REQUEST);
	expect_for(f, upgrade, repeated, CLOSE_BAD_REQUEST);
	expect_for(f, upgrade, unreadable, CLOSE_BAD_REQUEST);
}

static void only_get_of_http_1_1_is_taken(void **state)
{
	struct fixture *f = *state;

	f->request.is_http11 = false;
	assert_int_equal(admit(f).reason, CLOSE_BAD_REQUEST);
	f->request.is_get = false;
	assert_int_equal(admit(f).reason, CLOSE_BAD_METHOD);
	f->request.is_http11 = true;
	assert_int_equal(admit(f).reason, CLOSE_BAD_METHOD);
}

static void version_is_thirteen(void **state)
{
	static const char *const good[] = { "13", " 13\t", NULL };
	static const char *const bad[] = { "",   "8",   "12",  "14",     "013",
		                           "+1", "130", "1 3", "13, 13", NULL };
	struct fixture *f = *state;
	struct header *version = &f->request.version;

	expect_each(f, version, good, CLOSE_NONE);
	expect_each(f, version, bad, CLOSE_BAD_VERSION);
	expect_for(f, version, empty, CLOSE_BAD_VERSION);
	expect_for(f, version, absent, CLOSE_BAD_VERSION);
	expect_for(f, version, bytes("13\0", 3), CLOSE_BAD_VERSION);
	expect_for(f, version, repeated, CLOSE_BAD_REQUEST);
	expect_for(f, version, unreadable, CLOSE_BAD_REQUEST);
}

static void key_is_base64_of_sixteen_octets(void **state)
{
	static const char *const good[] = {
		"AAAAAAAAAAAAAAAAAAAAAA==", "+/+/+/+/+/+/+/+/+/+/+g==",
		"\tdGhlIHNhbXBsZSBub25jZQ== ", "zZ09zZ09zZ09zZ09zZ09zw==", NULL
	};
	static const char *const bad[] = { "",
		                           "abc",
		                           "dGhlIHNhbXBsZSBub25jZQ=",
		                           "dGhlIHNhbXBsZSBub25jZQ===",
		                           "dGhlIHNhbXBsZSBub25jZQAA",
		                           "dGhlIHNhbXBsZSBub25jZQA=",
		                           "dGhl-HNhbXBsZSBub25jZQ==",
		                           "dGhl_HNhbXBsZSBub25jZQ==",
		                           "dGhl HNhbXBsZSBub25jZQ==",
		                           "=GhlIHNhbXBsZSBub25jZQ==",
		                           "dGhlIHNhbXBsZSBub25jZ===",
		                           NULL };
	struct fixture *f = *state;
	struct header *key = &f->request.key;

	expect_each(f, key, good, CLOSE_NONE);
	expect_each(f, key, bad, CLOSE_BAD_REQUEST);
	*key = one(good[0]);
	expect_for(f, key, bytes("AAAA\0AAAAAAAAAAAAAAAAA==", 24),
	           CLOSE_BAD_REQUEST);
	expect_for(f, key, empty, CLOSE_BAD_REQUEST);
	expect_for(f, key, absent, CLOSE_BAD_REQUEST);
	expect_for(f, key, repeated, CLOSE_BAD_REQUEST);
	expect_for(f, key, unreadable, CLOSE_BAD_REQUEST);
}

static void handshake_with_a_body_is_refused(void **state)
{
	static const char *const good[] = { "0", " 0 ", "00", NULL };
	static const char *const bad[] = { "",    "1",    "10", "01", "-0",
		                           "0x0", "0, 0", "+0", NULL };
	struct fixture *f = *state;
	struct header *length = &f->request.content_length;
	struct header *encoding = &f->request.transfer_encoding;

	expect_each(f, length, good, CLOSE_NONE);
	expect_each(f, length, bad, CLOSE_BAD_REQUEST);
	*length = absent;
	expect_for(f, length, empty, CLOSE_BAD_REQUEST);
	expect_for(f, length, repeated, CLOSE_BAD_REQUEST);
	expect_for(f, length, unreadable, CLOSE_BAD_REQUEST);
	expect_for(f, encoding, one("chunked"), CLOSE_BAD_REQUEST);
	expect_for(f, encoding, one("identity"), CLOSE_BAD_REQUEST);
	expect_for(f, encoding, one(""), CLOSE_BAD_REQUEST);
	expect_for(f, encoding, repeated, CLOSE_BAD_REQUEST);
	expect_for(f, encoding, unreadable, CLOSE_BAD_REQUEST);
}

static void host_that_is_not_ours_is_refused(void **state)
{
	struct fixture *f = *state;
	struct header *host = &f->request.host;

	expect_for(f, host, one("evil.test"), CLOSE_BAD_HOST);
	expect_for(f, host, one("localhost"), CLOSE_BAD_HOST);
	expect_for(f, host, one("gw.example.com/"), CLOSE_BAD_REQUEST);
	expect_for(f, host, empty, CLOSE_BAD_REQUEST);
	expect_for(f, host, absent, CLOSE_BAD_REQUEST);
	expect_for(f, host, repeated, CLOSE_BAD_REQUEST);
	expect_for(f, host, unreadable, CLOSE_BAD_REQUEST);
}

static void path_without_route_is_not_found(void **state)
{
	struct fixture *f = *state;

	f->request.path = slice_from_text("/mqtt/");
	assert_int_equal(admit(f).reason, CLOSE_NO_ROUTE);
	assert_null(admit(f).route);
}

static void foreign_page_is_refused_but_its_route_is_known(void **state)
{
	struct fixture *f = *state;
	struct header *origin = &f->request.origin;

	expect_for(f, origin, one("https://evil.test"), CLOSE_ORIGIN_UNKNOWN);
	expect_for(f, origin, one("null"), CLOSE_ORIGIN_NULL);
	expect_for(f, origin, one(""), CLOSE_ORIGIN_MALFORMED);
	expect_for(f, origin, empty, CLOSE_ORIGIN_MALFORMED);
	expect_for(f, origin, absent, CLOSE_ORIGIN_ABSENT);
	expect_for(f, origin, repeated, CLOSE_ORIGIN_REPEATED);
	expect_for(f, origin, unreadable, CLOSE_ORIGIN_MALFORMED);
	*origin = absent;
	assert_ptr_equal(admit(f).route, &f->policy->routes[0]);
}

static void unreadable_origin_is_never_taken_for_absent(void **state)
{
	struct fixture *f = *state;

	f->routes[0].absent = CONFIG_ABSENT_ALLOW;
	expect_for(f, &f->request.origin, absent, CLOSE_NONE);
	expect_for(f, &f->request.origin, unreadable, CLOSE_ORIGIN_MALFORMED);
	expect_for(f, &f->request.origin, repeated, CLOSE_ORIGIN_REPEATED);
}

/* As lws would hand it over: joined or cut, it may look good. */
static void expect_presence_counts(struct fixture *f, struct header *header,
                                   enum close_reason when_repeated,
                                   enum close_reason when_unreadable)
{
	struct header value = *header;

	value.presence = HEADER_REPEATED;
	expect_for(f, header, value, when_repeated);
	value.presence = HEADER_UNREADABLE;
	expect_for(f, header, value, when_unreadable);
}

static void good_value_does_not_excuse_how_it_came(void **state)
{
	struct fixture *f = *state;
	struct handshake_request *r = &f->request;

	r->content_length = one("0");
	expect_presence_counts(f, &r->upgrade, CLOSE_BAD_REQUEST,
	                       CLOSE_BAD_REQUEST);
	expect_presence_counts(f, &r->version, CLOSE_BAD_REQUEST,
	                       CLOSE_BAD_REQUEST);
	expect_presence_counts(f, &r->key, CLOSE_BAD_REQUEST,
	                       CLOSE_BAD_REQUEST);
	expect_presence_counts(f, &r->content_length, CLOSE_BAD_REQUEST,
	                       CLOSE_BAD_REQUEST);
	expect_presence_counts(f, &r->host, CLOSE_BAD_REQUEST,
	                       CLOSE_BAD_REQUEST);
	expect_presence_counts(f, &r->origin, CLOSE_ORIGIN_REPEATED,
	                       CLOSE_ORIGIN_MALFORMED);
	expect_presence_counts(f, &r->subprotocols, CLOSE_NONE,
	                       CLOSE_BAD_REQUEST);
}

static void token_excuses_only_a_missing_origin(void **state)
{
	struct fixture *f = *state;

	f->routes[0].absent = CONFIG_ABSENT_TOKEN;
	expect_for(f, &f->request.origin, absent, CLOSE_ORIGIN_ABSENT);
	f->request.has_token = true;
	expect_for(f, &f->request.origin, absent, CLOSE_NONE);
	expect_for(f, &f->request.origin, one("https://evil.test"),
	           CLOSE_ORIGIN_UNKNOWN);
}

static void self_is_the_name_of_the_listener_that_was_asked(void **state)
{
	struct fixture *f = *state;

	f->request.path = slice_from_text("/own/x");
	f->request.origin = one("https://gw.example.com:8084");
	f->request.subprotocols = one("mqttv3.1");
	assert_int_equal(admit(f).reason, CLOSE_NONE);
	f->request.host = one("127.0.0.1");
	assert_int_equal(
	    policy_admit(f->policy, &f->policy->listeners[1], &f->request)
	        .reason,
	    CLOSE_ORIGIN_UNKNOWN);
}

static void subprotocol_is_one_that_the_route_knows(void **state)
{
	struct fixture *f = *state;
	struct header *list = &f->request.subprotocols;

	expect_for(f, list, one("chat"), CLOSE_NO_SUBPROTOCOL);
	expect_for(f, list, empty, CLOSE_NO_SUBPROTOCOL);
	expect_for(f, list, absent, CLOSE_NO_SUBPROTOCOL);
	expect_for(f, list, one("mqtt;"), CLOSE_BAD_REQUEST);
	expect_for(f, list, unreadable, CLOSE_BAD_REQUEST);
}

static void json_and_channel_need_no_subprotocol(void **state)
{
	struct fixture *f = *state;
	struct header *list = &f->request.subprotocols;

	f->routes[0].kind = CONFIG_KIND_JSON;
	expect_for(f, list, absent, CLOSE_NONE);
	f->routes[0].subprotocols.count = 0;
	expect_for(f, list, one("chat"), CLOSE_NO_SUBPROTOCOL);
	f->routes[0].kind = CONFIG_KIND_CHANNEL;
	expect_for(f, list, absent, CLOSE_NONE);
	*list = one("chat, mqtt");
	assert_true(slice_is(admit(f).subprotocol, "chat"));
	f->routes[0].subprotocols.count = 1;
	assert_true(slice_is(admit(f).subprotocol, "mqtt"));
}

/* Spoils step after step from the last to the first: the first one speaks. */
static void earlier_step_speaks_before_a_later_one(void **state)
{
	struct fixture *f = *state;
	struct handshake_request *r = &f->request;

	r->subprotocols = absent;
	assert_int_equal(admit(f).reason, CLOSE_NO_SUBPROTOCOL);
	r->origin = one("https://evil.test");
	assert_int_equal(admit(f).reason, CLOSE_ORIGIN_UNKNOWN);
	r->path = slice_from_text("/nowhere");
	assert_int_equal(admit(f).reason, CLOSE_NO_ROUTE);
	r->host = one("evil.test");
	assert_int_equal(admit(f).reason, CLOSE_BAD_HOST);
	r->content_length = one("1");
	assert_int_equal(admit(f).reason, CLOSE_BAD_REQUEST);
	r->version = one("8");
	assert_int_equal(admit(f).reason, CLOSE_BAD_VERSION);
	r->is_get = false;
	assert_int_equal(admit(f).reason, CLOSE_BAD_METHOD);
	r->upgrade = one("h2c");
	assert_int_equal(admit(f).reason, CLOSE_BAD_REQUEST);
	assert_null(admit(f).route);
}

static void bad_version_speaks_before_a_bad_key(void **state)
{
	struct fixture *f = *state;

	f->request.key = absent;
	f->request.host = one("evil.test");
	assert_int_equal(admit(f).reason, CLOSE_BAD_REQUEST);
	f->request.version = absent;
	assert_int_equal(admit(f).reason, CLOSE_BAD_VERSION);
}

static void plain_get_on_a_route_wants_a_websocket(void **state)
{
	struct fixture *f = *state;

	f->request.upgrade = absent;
	f->request.version = absent;
	f->request.key = absent;
	f->request.origin = one("https://evil.test");
	assert_int_equal(plain(f), CLOSE_BAD_VERSION);
	f->request.path = slice_from_text("/nowhere");
	assert_int_equal(plain(f), CLOSE_NO_ROUTE);
}

static void plain_request_is_judged_by_method_then_host(void **state)
{
	struct fixture *f = *state;

	f->request.host = one("evil.test");
	assert_int_equal(plain(f), CLOSE_BAD_HOST);
	f->request.host = repeated;
	assert_int_equal(plain(f), CLOSE_BAD_REQUEST);
	f->request.is_get = false;
	assert_int_equal(plain(f), CLOSE_BAD_METHOD);
	f->request = good_request();
	f->request.is_http11 = false;
	assert_int_equal(plain(f), CLOSE_BAD_REQUEST);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(good_handshake_comes_in),
		TEST(upgrade_is_websocket_in_any_case),
		TEST(only_get_of_http_1_1_is_taken),
		TEST(version_is_thirteen),
		TEST(key_is_base64_of_sixteen_octets),
		TEST(handshake_with_a_body_is_refused),
		TEST(host_that_is_not_ours_is_refused),
		TEST(path_without_route_is_not_found),
		TEST(foreign_page_is_refused_but_its_route_is_known),
		TEST(unreadable_origin_is_never_taken_for_absent),
		TEST(good_value_does_not_excuse_how_it_came),
		TEST(token_excuses_only_a_missing_origin),
		TEST(self_is_the_name_of_the_listener_that_was_asked),
		TEST(subprotocol_is_one_that_the_route_knows),
		TEST(json_and_channel_need_no_subprotocol),
		TEST(earlier_step_speaks_before_a_later_one),
		TEST(bad_version_speaks_before_a_bad_key),
		TEST(plain_get_on_a_route_wants_a_websocket),
		TEST(plain_request_is_judged_by_method_then_host),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
