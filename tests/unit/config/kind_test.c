/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What depends on the kind of a route. Settings in the wrong place have a file
 * in tests/config/bad.
 */
#include "config/kind.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#include "config/load.h"
#include "expect.h"

struct loaded {
	struct config *config;
	struct problems problems;
};

/* A route with `settings` in line 4. */
static struct loaded load(const char *settings)
{
	struct loaded loaded;
	char text[1000];

	snprintf(text, sizeof(text),
	         GOOD_LISTENERS GOOD_UPSTREAMS
	         "routes = ( { path = \"/\"; upstream = \"a\";\n%s } );",
	         settings);
	problems_init(&loaded.problems);
	loaded.config = config_load_text("f", text, &loaded.problems);
	assert_non_null(loaded.config);
	return loaded;
}

static void unload(struct loaded *loaded)
{
	config_unload(loaded->config);
	problems_finish(&loaded->problems);
}

static void expect_defaults(const char *settings, uint32_t packet_bytes,
                            size_t names, const char *name)
{
	struct loaded loaded = load(settings);
	const struct config_route *route = loaded.config->routes;

	expect_counts(&loaded.problems, 0, 0);
	assert_int_equal(route->limits.packet_bytes, packet_bytes);
	assert_int_equal(route->subprotocols.count, names);
	if (name != NULL)
		assert_string_equal(route->subprotocols.list[0].value, name);
	assert_int_equal(route->limits.queue_bytes, 262144);
	assert_int_equal(route->mqtt_version, 5);
	assert_int_equal(route->qos, 1);
	assert_int_equal(route->frames, CONFIG_FRAMES_AUTO);
	assert_null(route->publish.value);
	assert_int_equal(route->subscribe.count, 0);
	assert_string_equal(route->wrap.value, "");
	assert_false(route->will.is_set);
	unload(&loaded);
}

static void defaults_depend_on_the_kind(void **state)
{
	(void)state;
	expect_defaults("", 268435455, 2, "mqtt");
	expect_defaults("kind = \"mqtt\";", 268435455, 2, "mqtt");
	expect_defaults("kind = \"json\";", 1048576, 1, "json.postern.v1");
	expect_defaults("kind = \"channel\";", 1048576, 0, NULL);
}

static void what_was_set_is_kept_for_every_kind(void **state)
{
	static const char *const kinds[] = { "mqtt", "json", "channel" };

	(void)state;
	for (size_t i = 0; i < sizeof(kinds) / sizeof(*kinds); i++) {
		struct loaded loaded;
		char text[200];

		snprintf(text, sizeof(text),
		         "kind = \"%s\"; limits = { packet_bytes = 1; }; "
		         "subprotocols = [\"x\"];",
		         kinds[i]);
		loaded = load(text);
		expect_counts(&loaded.problems, 0, 0);
		assert_int_equal(loaded.config->routes->kind, i);
		assert_int_equal(loaded.config->routes->limits.packet_bytes, 1);
		assert_int_equal(loaded.config->routes->subprotocols.count, 1);
		unload(&loaded);
	}
}

static void settings_of_a_channel_are_read(void **state)
{
	struct loaded loaded = load(
	    "publish = \"a\"; subscribe = [\"b\", \"c\"]; qos = 0; frames = "
	    "\"binary\"; wrap = \"message\"; mqtt_version = 4; limits = { "
	    "queue_bytes = 4096; }; kind = \"channel\";");
	const struct config_route *route = loaded.config->routes;

	(void)state;
	expect_counts(&loaded.problems, 0, 0);
	assert_string_equal(route->publish.value, "a");
	assert_int_equal(route->publish.place.line, 4);
	assert_int_equal(route->subscribe.count, 2);
	assert_int_equal(route->qos, 0);
	assert_int_equal(route->frames, CONFIG_FRAMES_BINARY);
	assert_string_equal(route->wrap.value, "message");
	assert_int_equal(route->mqtt_version, 4);
	assert_int_equal(route->limits.queue_bytes, 4096);
	unload(&loaded);
}

static void will_has_defaults_and_its_line(void **state)
{
	struct loaded loaded =
	    load("kind = \"json\";\nwill = { topic = \"gone\"; };");
	const struct config_will *will = &loaded.config->routes->will;

	(void)state;
	expect_counts(&loaded.problems, 0, 0);
	assert_true(will->is_set);
	assert_int_equal(will->place.line, 5);
	assert_string_equal(will->topic.value, "gone");
	assert_string_equal(will->payload.value, "");
	assert_int_equal(will->qos, 0);
	assert_false(will->retain);
	unload(&loaded);
}

static void empty_text_is_taken_where_it_may_be(void **state)
{
	struct loaded loaded = load("kind = \"channel\"; wrap = \"\"; will = { "
	                            "topic = \"a\"; payload = \"\"; };");
	struct loaded control = load("kind = \"channel\"; wrap = \"\\x01\";");

	(void)state;
	expect_counts(&loaded.problems, 0, 0);
	expect_counts(&control.problems, 1, 0);
	expect_error(&control.problems, 4, "not control characters");
	unload(&loaded);
	unload(&control);
}

/* Whatever else may be said: which settings it lacks is not known. */
static void unknown_kind_is_told_alone(void **state)
{
	static const char *const wrong[] = { "\"jsn\"", "5", "\"\"" };

	(void)state;
	for (size_t i = 0; i < sizeof(wrong) / sizeof(*wrong); i++) {
		struct loaded loaded;
		char text[200];

		snprintf(text, sizeof(text),
		         "publish = \"a\"; kind = %s; will = { topic = \"a\"; "
		         "}; limits = { queue_bytes = 4096; };",
		         wrong[i]);
		loaded = load(text);
		expect_counts(&loaded.problems, 1, 0);
		expect_error(&loaded.problems, 4, "\"kind\" wants \"mqtt\", ");
		unload(&loaded);
	}
}

static void setting_of_another_kind_is_refused_at_its_line(void **state)
{
	struct loaded loaded = load("wrap = \"message\"; kind = \"json\";\n"
	                            "publish = 5;\n"
	                            "limits = {\n"
	                            "queue_bytes = 4096; };");

	(void)state;
	expect_counts(&loaded.problems, 2, 0);
	expect_error(
	    &loaded.problems, 4,
	    "\"wrap\" is for routes of kind \"channel\", and this one is "
	    "of kind \"json\": take it out");
	expect_error(&loaded.problems, 5, "\"publish\" is for routes of kind");
	assert_string_equal(loaded.config->routes->wrap.value, "");
	assert_null(loaded.config->routes->publish.value);
	unload(&loaded);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(defaults_depend_on_the_kind),
		cmocka_unit_test(what_was_set_is_kept_for_every_kind),
		cmocka_unit_test(settings_of_a_channel_are_read),
		cmocka_unit_test(will_has_defaults_and_its_line),
		cmocka_unit_test(empty_text_is_taken_where_it_may_be),
		cmocka_unit_test(unknown_kind_is_told_alone),
		cmocka_unit_test(
		    setting_of_another_kind_is_refused_at_its_line),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
