/* SPDX-License-Identifier: Apache-2.0 */
#include "config/load.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "config/config.h"
#include "expect.h"

struct loaded {
	struct config *config;
	struct problems problems;
};

static struct loaded load(const char *text)
{
	struct loaded loaded;

	problems_init(&loaded.problems);
	loaded.config = config_load_text("f", text, &loaded.problems);
	return loaded;
}

static void unload(struct loaded *loaded)
{
	config_unload(loaded->config);
	problems_finish(&loaded->problems);
}

static void what_is_not_set_has_its_default(void **state)
{
	struct loaded loaded = load(GOOD);
	const struct config *config = loaded.config;
	const struct config_route *route = config->routes;

	(void)state;
	expect_counts(&loaded.problems, 0, 0);
	assert_int_equal(config->workers, 0);
	assert_int_equal(config->listeners->header_timeout_ms, 10000);
	assert_int_equal(config->listeners->header_bytes, 16384);
	assert_string_equal(config->listeners->mode.value, "0660");
	assert_null(config->listeners->mode.place.file);
	assert_null(config->listeners->unix_path.value);
	assert_false(config->listeners->tls.is_set);
	assert_int_equal(config->listeners->public_urls.count, 0);
	assert_int_equal(config->upstreams->connect_timeout_ms, 5000);
	assert_int_equal(route->kind, CONFIG_KIND_MQTT);
	assert_int_equal(route->absent, CONFIG_ABSENT_DENY);
	assert_false(route->allow_any_origin);
	assert_int_equal(route->subprotocols.count, 2);
	assert_string_equal(route->subprotocols.list[0].value, "mqtt");
	assert_string_equal(route->subprotocols.list[1].value, "mqttv3.1");
	assert_int_equal(route->connect_timeout_s, 10);
	assert_int_equal(route->ping_s, 25);
	assert_int_equal(route->pong_s, 20);
	assert_int_equal(route->stall_s, 30);
	assert_int_equal(route->limits.packet_bytes, 268435455);
	assert_int_equal(route->limits.head_bytes, 65536);
	assert_null(config->admin.listen.value);
	assert_string_equal(config->admin.socket.value, "");
	assert_string_equal(config->admin.mode.value, "0660");
	assert_int_equal(config->drain.timeout_s, 30);
	assert_int_equal(config->drain.spread_s, 5);
	assert_int_equal(config->log.level, CONFIG_LOG_INFO);
	assert_int_equal(config->log.format, CONFIG_LOG_TEXT);
	unload(&loaded);
}

static void every_kind_of_setting_is_read(void **state)
{
	struct loaded loaded = load(
	    "workers = 64;\n"
	    "listeners = ( { address = \"::1\"; port = 65535;\n"
	    " tls = { certificate = \"/c\"; key = \"/k\"; }; } );\n"
	    "upstreams = ( { name = \"a\"; servers = (\"x\", \"y\"); } );\n"
	    "routes = ( { path = \"/\"; upstream = \"a\";\n"
	    " absent = \"allow\"; allow_any_origin = TRUE;\n"
	    " limits = { head_bytes = 0x40; }; } );\n"
	    "log = { level = \"debug\"; format = \"json\"; };\n");
	const struct config *config = loaded.config;

	(void)state;
	expect_counts(&loaded.problems, 0, 0);
	assert_int_equal(config->workers, 64);
	assert_int_equal(config->listeners->port, 65535);
	assert_true(config->listeners->tls.is_set);
	assert_string_equal(config->listeners->tls.key.value, "/k");
	assert_int_equal(config->upstreams->servers.count, 2);
	assert_string_equal(config->upstreams->servers.list[1].value, "y");
	assert_int_equal(config->routes->absent, CONFIG_ABSENT_ALLOW);
	assert_true(config->routes->allow_any_origin);
	assert_int_equal(config->routes->limits.head_bytes, 64);
	assert_int_equal(config->routes->limits.packet_bytes, 268435455);
	assert_int_equal(config->log.level, CONFIG_LOG_DEBUG);
	assert_int_equal(config->log.format, CONFIG_LOG_JSON);
	assert_ptr_equal(config_find_upstream(config, config->routes),
	                 config->upstreams);
	unload(&loaded);
}

static void everything_knows_its_line(void **state)
{
	struct loaded loaded = load("\n"
	                            "listeners = (\n"
	                            " {\n"
	                            "  address = \"::1\";\n"
	                            "  port = 1;\n"
	                            "  tls =\n"
	                            "  {\n"
	                            "   certificate = \"/c\"\n"
	                            "   key = \"/k\"\n"
	                            "  };\n"
	                            "  public_urls = [ # some\n"
	                            "   \"a\" # the first\n"
	                            "   , \"b\",\n"
	                            "   \"c\"\n"
	                            "\n"
	                            "  ];\n"
	                            " }\n"
	                            ");\n" GOOD_UPSTREAMS GOOD_ROUTES);
	const struct config_listener *listener = loaded.config->listeners;

	(void)state;
	expect_counts(&loaded.problems, 0, 0);
	assert_string_equal(listener->place.file, "f");
	assert_int_equal(listener->place.line, 3);
	assert_int_equal(listener->address.place.line, 4);
	assert_int_equal(listener->tls.place.line, 6);
	assert_int_equal(listener->tls.certificate.place.line, 8);
	assert_int_equal(listener->tls.key.place.line, 9);
	assert_int_equal(listener->public_urls.list[0].place.line, 12);
	assert_int_equal(listener->public_urls.list[1].place.line, 13);
	assert_int_equal(listener->public_urls.list[2].place.line, 14);
	assert_int_equal(loaded.config->upstreams->place.line, 19);
	unload(&loaded);
}

static void wrong_value_is_an_error_and_leaves_the_default(void **state)
{
	struct loaded loaded = load(GOOD "drain = { timeout_s = 5000000000;\n"
	                                 "spread_s = \"7\"; };\n"
	                                 "log = { level = \"loud\"; };\n");

	(void)state;
	assert_non_null(loaded.config);
	expect_counts(&loaded.problems, 3, 0);
	expect_error(&loaded.problems, 4, "0 to 3600, not 5000000000");
	assert_int_equal(loaded.config->drain.timeout_s, 30);
	assert_int_equal(loaded.config->drain.spread_s, 5);
	assert_int_equal(loaded.config->log.level, CONFIG_LOG_INFO);
	unload(&loaded);
}

static void wrong_text_of_a_list_is_left_out(void **state)
{
	struct loaded loaded = load(GOOD_LISTENERS GOOD_UPSTREAMS
	                            "routes = ( { path = \"/\"; upstream = "
	                            "\"a\"; origins = (\"x\", 5, \"\", {}, "
	                            "\"y\"); } );");

	(void)state;
	expect_counts(&loaded.problems, 3, 0);
	assert_int_equal(loaded.config->routes->origins.count, 2);
	assert_string_equal(loaded.config->routes->origins.list[1].value, "y");
	unload(&loaded);
}

static void text_that_cannot_be_parsed_gives_nothing(void **state)
{
	static const char *const texts[] = {
		"a",
		"=",
		"a = ",
		"a = (",
		"a = {",
		"}",
		"a = [1, \"b\"];",
		"a = @;",
		"\xff",
		"a.b = 1;",
		"\xef\xbb\xbf",
	};

	(void)state;
	for (size_t i = 0; i < sizeof(texts) / sizeof(*texts); i++) {
		struct loaded loaded = load(texts[i]);

		assert_null(loaded.config);
		expect_counts(&loaded.problems, 1, 0);
		assert_int_equal(loaded.problems.list[0].place.line, 1);
		unload(&loaded);
	}
}

static void deep_nesting_is_an_error(void **state)
{
	size_t len = 500000;
	char *text = calloc(1, len + 1);
	struct loaded loaded;

	(void)state;
	assert_non_null(text);
	memset(text, '(', len);
	text[0] = 'a';
	text[1] = '=';
	loaded = load(text);
	assert_null(loaded.config);
	expect_counts(&loaded.problems, 1, 0);
	unload(&loaded);
	free(text);
}

static void nothing_at_all_misses_what_is_required(void **state)
{
	struct loaded loaded = load("");

	(void)state;
	assert_non_null(loaded.config);
	expect_counts(&loaded.problems, 3, 0);
	expect_error(&loaded.problems, 0, "\"routes\" is missing");
	unload(&loaded);
}

static void only_this_machine_is_loopback(void **state)
{
	struct config_listener listener = { .address.value = NULL };

	(void)state;
	assert_false(config_is_loopback(&listener));
	listener.address.value = (char[]){ "127.0.0.1" };
	assert_true(config_is_loopback(&listener));
	listener.address.value = (char[]){ "0.0.0.0" };
	assert_false(config_is_loopback(&listener));
	listener.address.value = NULL;
	listener.unix_path.value = (char[]){ "/run/ws.sock" };
	assert_true(config_is_loopback(&listener));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_is_not_set_has_its_default),
		cmocka_unit_test(every_kind_of_setting_is_read),
		cmocka_unit_test(everything_knows_its_line),
		cmocka_unit_test(
		    wrong_value_is_an_error_and_leaves_the_default),
		cmocka_unit_test(wrong_text_of_a_list_is_left_out),
		cmocka_unit_test(text_that_cannot_be_parsed_gives_nothing),
		cmocka_unit_test(deep_nesting_is_an_error),
		cmocka_unit_test(nothing_at_all_misses_what_is_required),
		cmocka_unit_test(only_this_machine_is_loopback),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
