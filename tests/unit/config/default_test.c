/* SPDX-License-Identifier: Apache-2.0 */
#include "config/default.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "config/check.h"
#include "config/config.h"
#include "expect.h"

struct made {
	struct config *config;
	struct problems problems;
};

static struct made make(const struct config_overrides *overrides)
{
	struct made made;

	problems_init(&made.problems);
	made.config = config_default(overrides, &made.problems);
	assert_non_null(made.config);
	config_check(made.config, &made.problems);
	return made;
}

static struct made make_listening(const char *const *listens, size_t count)
{
	struct config_overrides overrides = { .listens = listens,
		                              .listen_count = count,
		                              .has_ipv6 = true };

	return make(&overrides);
}

static void finish(struct made *made)
{
	config_unload(made->config);
	problems_finish(&made->problems);
}

static void expect_listener(const struct made *made, size_t index,
                            const char *address, uint32_t port)
{
	assert_true(index < made->config->listener_count);
	assert_string_equal(made->config->listeners[index].address.value,
	                    address);
	assert_int_equal(made->config->listeners[index].port, port);
}

static void default_is_a_door_for_this_machine(void **state)
{
	struct config_overrides overrides = { .has_ipv6 = true };
	struct made made = make(&overrides);
	const struct config *config = made.config;

	(void)state;
	expect_counts(&made.problems, 0, 0);
	assert_int_equal(config->listener_count, 2);
	expect_listener(&made, 0, "127.0.0.1", 8083);
	expect_listener(&made, 1, "::1", 8083);
	assert_int_equal(config->upstream_count, 1);
	assert_string_equal(config->upstreams->name.value, "default");
	assert_int_equal(config->upstreams->servers.count, 1);
	assert_string_equal(config->upstreams->servers.list->value,
	                    "mqtt://127.0.0.1:1883");
	assert_int_equal(config->route_count, 3);
	assert_string_equal(config->routes[0].path.value, "/mqtt");
	assert_string_equal(config->routes[1].path.value, "/");
	assert_string_equal(config->routes[2].path.value, "/json");
	for (size_t i = 0; i < config->route_count; i++) {
		const struct config_route *route = &config->routes[i];

		assert_int_equal(route->kind,
		                 i < 2 ? CONFIG_KIND_MQTT : CONFIG_KIND_JSON);
		assert_int_equal(route->absent, CONFIG_ABSENT_ALLOW);
		assert_false(route->allow_any_origin);
		assert_int_equal(route->origins.count, 3);
		assert_string_equal(route->origins.list[0].value,
		                    "http://localhost:*");
		assert_string_equal(route->origins.list[1].value,
		                    "http://127.0.0.1:*");
		assert_string_equal(route->origins.list[2].value,
		                    "http://[::1]:*");
	}
	assert_null(config->admin.listen.value);
	finish(&made);
}

static void machine_without_ipv6_has_one_listener(void **state)
{
	struct config_overrides overrides = { .has_ipv6 = false };
	struct made made = make(&overrides);

	(void)state;
	assert_int_equal(made.config->listener_count, 1);
	expect_listener(&made, 0, "127.0.0.1", 8083);
	finish(&made);
}

static void port_alone_listens_on_loopback_of_both_families(void **state)
{
	struct made made = make_listening((const char *[]){ "9000" }, 1);

	(void)state;
	expect_counts(&made.problems, 0, 0);
	assert_int_equal(made.config->listener_count, 2);
	expect_listener(&made, 0, "127.0.0.1", 9000);
	expect_listener(&made, 1, "::1", 9000);
	assert_int_equal(made.config->routes->absent, CONFIG_ABSENT_ALLOW);
	finish(&made);
}

static void several_listens_are_all_listened_on(void **state)
{
	struct made made =
	    make_listening((const char *[]){ "127.0.0.2:81", "[0::1]:82" }, 2);

	(void)state;
	expect_counts(&made.problems, 0, 0);
	assert_int_equal(made.config->listener_count, 2);
	expect_listener(&made, 0, "127.0.0.2", 81);
	expect_listener(&made, 1, "::1", 82);
	finish(&made);
}

static void clients_without_origin_are_refused_beyond_loopback(void **state)
{
	static const char *const listens[] = { "0.0.0.0:81", "[::]:81",
		                               "10.0.0.1:81" };

	(void)state;
	for (size_t i = 0; i < 3; i++) {
		struct made made =
		    make_listening((const char *[]){ "8083", listens[i] }, 2);

		expect_counts(&made.problems, 0, 1);
		expect_warning(&made.problems, 0, "no Origin");
		assert_string_equal(made.problems.list[0].place.file,
		                    "--listen");
		for (size_t j = 0; j < made.config->route_count; j++)
			assert_int_equal(made.config->routes[j].absent,
			                 CONFIG_ABSENT_DENY);
		finish(&made);
	}
}

static void wrong_listens_are_all_problems_of_the_option(void **state)
{
	static const char *const wrong[] = {
		"",     "0",       "65536",  "localhost:80", "::1:80",
		"a\"b", "1.2.3.4", "[::1]:", "127.0.0.1:0",
	};
	struct made made =
	    make_listening(wrong, sizeof(wrong) / sizeof(*wrong));

	(void)state;
	expect_counts(&made.problems, sizeof(wrong) / sizeof(*wrong), 0);
	for (size_t i = 0; i < made.problems.count; i++)
		assert_string_equal(made.problems.list[i].place.file,
		                    "--listen");
	expect_error(&made.problems, 0, "\"localhost:80\" is not [ADDRESS:]");
	finish(&made);
}

static void same_listen_twice_is_a_problem_of_the_option(void **state)
{
	struct made made =
	    make_listening((const char *[]){ "8083", "127.0.0.1:8083" }, 2);

	(void)state;
	expect_counts(&made.problems, 1, 0);
	expect_error(&made.problems, 0, "already bound by the listener");
	assert_string_equal(made.problems.list[0].place.file, "--listen");
	finish(&made);
}

static void upstreams_replace_the_servers_in_their_order(void **state)
{
	static const char *const urls[] = { "mqtts://b:8883", "mqtt://a\"\\" };
	struct config_overrides overrides = { .upstreams = urls,
		                              .upstream_count = 2 };
	struct made made = make(&overrides);
	const struct config_texts *servers = &made.config->upstreams->servers;

	(void)state;
	expect_counts(&made.problems, 0, 0);
	assert_int_equal(made.config->upstream_count, 1);
	assert_int_equal(servers->count, 2);
	for (size_t i = 0; i < 2; i++) {
		assert_string_equal(servers->list[i].value, urls[i]);
		assert_string_equal(servers->list[i].place.file, "--upstream");
		assert_int_equal(servers->list[i].place.line, 0);
	}
	finish(&made);
}

static void origins_replace_those_of_every_route(void **state)
{
	struct config_overrides overrides = {
		.origins = (const char *[]){ "https://dash.example.com" },
		.origin_count = 1
	};
	struct made made = make(&overrides);

	(void)state;
	expect_counts(&made.problems, 0, 0);
	assert_int_equal(made.config->route_count, 3);
	for (size_t i = 0; i < made.config->route_count; i++) {
		const struct config_texts *origins =
		    &made.config->routes[i].origins;

		assert_int_equal(origins->count, 1);
		assert_string_equal(origins->list->value,
		                    "https://dash.example.com");
		assert_string_equal(origins->list->place.file, "--origin");
	}
	finish(&made);
}

static void texts_that_are_none_are_problems_of_their_option(void **state)
{
	struct config_overrides overrides = {
		.origins = (const char *[]){ "", "a\nb" },
		.origin_count = 2,
		.upstreams = (const char *[]){ "\x1b" },
		.upstream_count = 1
	};
	struct made made = make(&overrides);

	(void)state;
	expect_counts(&made.problems, 3, 0);
	assert_string_equal(made.problems.list[0].place.file, "--upstream");
	assert_string_equal(made.problems.list[1].place.file, "--origin");
	expect_error(&made.problems, 0, "not an empty one");
	expect_error(&made.problems, 0, "not control characters");
	finish(&made);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(default_is_a_door_for_this_machine),
		cmocka_unit_test(machine_without_ipv6_has_one_listener),
		cmocka_unit_test(
		    port_alone_listens_on_loopback_of_both_families),
		cmocka_unit_test(several_listens_are_all_listened_on),
		cmocka_unit_test(
		    clients_without_origin_are_refused_beyond_loopback),
		cmocka_unit_test(wrong_listens_are_all_problems_of_the_option),
		cmocka_unit_test(same_listen_twice_is_a_problem_of_the_option),
		cmocka_unit_test(upstreams_replace_the_servers_in_their_order),
		cmocka_unit_test(origins_replace_those_of_every_route),
		cmocka_unit_test(
		    texts_that_are_none_are_problems_of_their_option),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
