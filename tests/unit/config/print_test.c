/* SPDX-License-Identifier: Apache-2.0 */
#include "config/print.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "config/check.h"
#include "config/config.h"
#include "config/default.h"
#include "config/load.h"
#include "expect.h"

static char *print(const struct config *config)
{
	char *text = NULL;
	size_t len = 0;
	FILE *out = open_memstream(&text, &len);

	assert_non_null(out);
	config_print(config, out);
	fclose(out);
	return text;
}

/* What is printed once is taken, and printed again as it was. */
static char *print_twice(struct config *config)
{
	char *first = print(config);
	struct problems problems;
	char *second;

	config_unload(config);
	problems_init(&problems);
	config = config_load_text("printed", first, &problems);
	assert_non_null(config);
	config_check(config, &problems);
	expect_counts(&problems, 0, 0);
	second = print(config);
	assert_string_equal(first, second);
	config_unload(config);
	problems_finish(&problems);
	free(second);
	return first;
}

static char *print_text_twice(const char *text)
{
	struct problems problems;
	struct config *config;

	problems_init(&problems);
	config = config_load_text("f", text, &problems);
	expect_counts(&problems, 0, 0);
	problems_finish(&problems);
	return print_twice(config);
}

/* All there is when nothing is set. */
static const char defaults[] = "workers = 0;\n"
                               "memory_bytes = 0;\n"
                               "paho_sessions_per_worker = 500;\n"
                               "listeners = (\n"
                               "  {\n"
                               "    address = \"::1\";\n"
                               "    port = 8083;\n"
                               "    public_urls = [];\n"
                               "    trusted_proxies = [];\n"
                               "    proxy_protocol = false;\n"
                               "    handshakes_per_s_per_address = 0;\n"
                               "    connections_per_address = 0;\n"
                               "    header_timeout_ms = 10000;\n"
                               "    header_bytes = 16384;\n"
                               "  }\n"
                               ");\n"
                               "upstreams = (\n"
                               "  {\n"
                               "    name = \"a\";\n"
                               "    servers = [\"mqtt://a\"];\n"
                               "    inject = false;\n"
                               "    connect_timeout_ms = 5000;\n"
                               "    connects_per_s = 200;\n"
                               "    proxy_protocol = \"none\";\n"
                               "  }\n"
                               ");\n"
                               "acls = (\n"
                               ");\n"
                               "routes = (\n"
                               "  {\n"
                               "    path = \"/\";\n"
                               "    kind = \"mqtt\";\n"
                               "    upstream = \"a\";\n"
                               "    origins = [\"self\"];\n"
                               "    absent = \"deny\";\n"
                               "    allow_any_origin = false;\n"
                               "    subprotocols = [\"mqtt\", "
                               "\"mqttv3.1\"];\n"
                               "    read_only = false;\n"
                               "    anonymous = false;\n"
                               "    audit = \"none\";\n"
                               "    client_id = \"any\";\n"
                               "    persistent = true;\n"
                               "    max_keepalive_s = 300;\n"
                               "    receive_max = 20;\n"
                               "    connect_timeout_s = 10;\n"
                               "    ping_s = 25;\n"
                               "    pong_s = 20;\n"
                               "    stall_s = 30;\n"
                               "    limits = {\n"
                               "      packet_bytes = 268435455;\n"
                               "      head_bytes = 65536;\n"
                               "      messages_per_s = 0;\n"
                               "      bytes_per_s = 0;\n"
                               "      sessions = 0;\n"
                               "      sessions_per_address = 0;\n"
                               "      subscriptions = 64;\n"
                               "      subscribes_per_s = 0;\n"
                               "    };\n"
                               "  }\n"
                               ");\n"
                               "admin = {\n"
                               "  socket = \"\";\n"
                               "  mode = \"0660\";\n"
                               "};\n"
                               "drain = {\n"
                               "  timeout_s = 30;\n"
                               "  spread_s = 5;\n"
                               "  reload_grace_s = 300;\n"
                               "  generations = 4;\n"
                               "};\n"
                               "log = {\n"
                               "  level = \"info\";\n"
                               "  format = \"text\";\n"
                               "};\n";

static void printed_defaults_are_complete(void **state)
{
	char *text = print_text_twice(GOOD);

	(void)state;
	assert_string_equal(text, defaults);
	free(text);
}

static void printed_settings_are_those_that_were_read(void **state)
{
	static const char *const expected[] = {
		"workers = 3;",
		"unix = \"/run/ws.sock\";",
		"mode = \"0600\";",
		"tls = {",
		"certificate = \"/c\";",
		"key = \"/k\";",
		"public_urls = [\"https://a\", \"https://b\"];",
		"name = \"a \\\"b\\\" \\\\ \xc3\xa9\";",
		"username = \"web\";",
		"password_file = \"/p\";",
		"inject = true;",
		"rules = [\"allow sub a/#\", \"deny sub a/b\"];",
		"name = \"nothing\";",
		"rules = [];",
		"absent = \"allow\";",
		"acl = \"some\";",
		"anonymous = true;",
		"audit = \"refused\";",
		"client_id = \"rewrite:${client}-x\";",
		"persistent = false;",
		"bytes_per_s = 4294967295;",
		"allow_any_origin = true;",
		"listen = \"127.0.0.1:9464\";",
		"timeout_s = 0;",
		"level = \"error\";",
	};
	char *text = print_text_twice(
	    "workers = 3; listeners = ("
	    "{ unix = \"/run/ws.sock\"; mode = \"0600\"; },"
	    "{ address = \"::1\"; port = 80; public_urls = [\"https://a\","
	    "\"https://b\"]; tls = { certificate = \"/c\"; key = \"/k\"; };"
	    "} ); upstreams = ("
	    "{ name = \"a \\\"b\\\" \\\\ \xc3\xa9\"; servers = [\"x\"]; },"
	    "{ name = \"c\"; servers = [\"y\", \"z\"]; username = \"web\";"
	    "password_file = \"/p\"; inject = true; } );"
	    "acls = ( { name = \"some\"; rules = [\"allow sub a/#\","
	    "\"deny sub a/b\"]; }, { name = \"nothing\"; rules = []; } );"
	    "routes = ( { path = \"/\"; upstream = \"c\"; absent = "
	    "\"allow\"; allow_any_origin = true; acl = \"some\"; "
	    "anonymous = true; audit = \"refused\"; persistent = false; "
	    "client_id = \"rewrite:${client}-x\"; limits = { bytes_per_s = "
	    "4294967295; }; }, { path = \"/b\"; upstream = \"c\"; absent = "
	    "\"allow\"; acl = \"nothing\"; anonymous = true; } );"
	    "admin = { listen = \"127.0.0.1:9464\"; socket = \"/run/a.sock\"; "
	    "mode = \"0600\"; };"
	    "drain = { timeout_s = 0; }; log = { level = \"error\"; };");

	(void)state;
	for (size_t i = 0; i < sizeof(expected) / sizeof(*expected); i++) {
		if (strstr(text, expected[i]) == NULL)
			fail_msg("%s not in %s", expected[i], text);
	}
	free(text);
}

/* From its path to the end of its limits. */
static char *find_route(char *text, const char *path)
{
	char *begin = strstr(text, path);
	char *end = begin != NULL ? strstr(begin, "    };\n  }") : NULL;

	assert_non_null(end);
	*end = '\0';
	return begin;
}

static void expect_in_route(const char *path, const char *const *there,
                            const char *const *missing)
{
	char *text = print_text_twice(
	    GOOD_LISTENERS GOOD_UPSTREAMS
	    "routes = ( { path = \"/mqtt\"; upstream = \"a\"; absent = "
	    "\"allow\"; }, { path = \"/json\"; kind = \"json\"; upstream = "
	    "\"a\"; absent = \"allow\"; will = { topic = \"gone\"; }; }, { "
	    "path "
	    "= \"/chat\"; kind = \"channel\"; upstream = \"a\"; absent = "
	    "\"allow\"; publish = \"a\"; } );");
	const char *route = find_route(text, path);

	for (; *there != NULL; there++) {
		if (strstr(route, *there) == NULL)
			fail_msg("%s not in %s", *there, route);
	}
	for (; *missing != NULL; missing++) {
		if (strstr(route, *missing) != NULL)
			fail_msg("%s in %s", *missing, route);
	}
	free(text);
}

static void route_is_printed_as_its_kind_has_it(void **state)
{
	(void)state;
	expect_in_route(
	    "/mqtt",
	    (const char *[]){ "packet_bytes = 268435455;", "\"mqttv3.1\"]",
	                      NULL },
	    (const char *[]){ "mqtt_version", "publish", "subscribe =", "qos",
	                      "frames", "wrap", "will", "queue_bytes", NULL });
	expect_in_route("/json",
	                (const char *[]){
	                    "packet_bytes = 1048576;", "[\"json.postern.v1\"]",
	                    "mqtt_version = 5;", "queue_bytes = 262144;",
	                    "topic = \"gone\";", "payload = \"\";", NULL },
	                (const char *[]){ "publish", "subscribe =", "frames",
	                                  "wrap", NULL });
	expect_in_route(
	    "/chat",
	    (const char *[]){ "packet_bytes = 1048576;", "subprotocols = [];",
	                      "publish = \"a\";", "subscribe = [];", "qos = 1;",
	                      "frames = \"auto\";", "wrap = \"\";", NULL },
	    (const char *[]){ "will", NULL });
}

static void printed_built_in_default_is_the_same(void **state)
{
	struct config_overrides overrides = { .has_ipv6 = true };
	struct problems problems;

	(void)state;
	problems_init(&problems);
	free(print_twice(config_default(&overrides, &problems)));
	expect_counts(&problems, 0, 0);
	problems_finish(&problems);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(printed_defaults_are_complete),
		cmocka_unit_test(printed_settings_are_those_that_were_read),
		cmocka_unit_test(route_is_printed_as_its_kind_has_it),
		cmocka_unit_test(printed_built_in_default_is_the_same),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
