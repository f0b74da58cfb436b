/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What an operator is told about origins and own names, and where.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "config/config.h"
#include "config/problem.h"
#include "policy/origin.h"
#include "policy/policy.h"
#include "policy/review.h"

#define FILE_NAME "t.conf"

/* A configuration with two listeners and two routes, and its problems. */
struct fixture {
	struct config_text url;
	struct config_text entry;
	struct config_listener listeners[2];
	struct config_route routes[2];
	struct config config;
	struct problems problems;
};

static struct config_text text_at(const char *value, unsigned line)
{
	return (struct config_text){
		.value = (char *)(uintptr_t)value,
		.place = { .file = FILE_NAME, .line = line },
	};
}

static int set_up(void **state)
{
	static struct fixture f;

	f = (struct fixture){
		.url = text_at("https://gw.example.com", 2),
		.entry = text_at("https://app.example.com", 7),
	};
	f.config = (struct config){ .listeners = f.listeners,
		                    .listener_count = 1,
		                    .routes = f.routes,
		                    .route_count = 1 };
	f.listeners[0].public_urls = (struct config_texts){ &f.url, 1 };
	f.routes[0].path = text_at("/mqtt", 6);
	f.routes[0].origins = (struct config_texts){ &f.entry, 1 };
	f.routes[1].path = text_at("/json", 11);
	problems_init(&f.problems);
	*state = &f;
	return 0;
}

static int tear_down(void **state)
{
	struct fixture *f = *state;

	problems_finish(&f->problems);
	return 0;
}

/* One problem and no other, at `line`, with `word` in its text. */
static void expect_one(struct fixture *f, bool is_error, unsigned line,
                       const char *word)
{
	const struct problem *problem = f->problems.list;

	review_config(&f->config, &f->problems);
	assert_int_equal(f->problems.count, 1);
	problem = &f->problems.list[0];
	assert_true(problem->is_error == is_error);
	assert_string_equal(problem->place.file, FILE_NAME);
	assert_int_equal(problem->place.line, line);
	if (!strstr(problem->text, word))
		fail_msg("no \"%s\" in \"%s\"", word, problem->text);
}

static void good_configuration_has_no_problem(void **state)
{
	struct fixture *f = *state;

	f->config.route_count = 2;
	review_config(&f->config, &f->problems);
	assert_int_equal(f->problems.count, 0);
}

static void bad_entry_is_an_error_at_its_line(void **state)
{
	struct fixture *f = *state;

	f->entry.value = (char[]){ "wss://app.example.com" };
	expect_one(f, true, 7, "https:// for wss://");
}

static void bad_public_url_is_an_error_at_its_line(void **state)
{
	struct fixture *f = *state;

	f->url.value = (char[]){ "https://gw.example.com/" };
	expect_one(f, true, 2, "trailing slash");
}

static void any_origin_needs_its_switch(void **state)
{
	struct fixture *f = *state;

	f->entry.value = (char[]){ "*" };
	expect_one(f, true, 7, "allow_any_origin");
}

static void any_origin_is_warned_about(void **state)
{
	struct fixture *f = *state;

	f->entry.value = (char[]){ "*" };
	f->routes[0].allow_any_origin = true;
	expect_one(f, false, 7, "every page of the web");
}

static void any_origin_is_an_error_where_certificates_are_asked(void **state)
{
	struct fixture *f = *state;

	f->entry.value = (char[]){ "*" };
	f->routes[0].allow_any_origin = true;
	f->listeners[0].tls.client_certificate =
	    CONFIG_CLIENT_CERTIFICATE_OPTIONAL;
	expect_one(f, true, 7, "certificate");
}

static void null_is_warned_about(void **state)
{
	struct fixture *f = *state;

	f->entry.value = (char[]){ "null" };
	expect_one(f, false, 7, "null");
}

static void wildcard_is_warned_about(void **state)
{
	struct fixture *f = *state;

	f->entry.value = (char[]){ "https://*.example.com" };
	expect_one(f, false, 7, "every host below example.com,");
}

static void any_port_is_warned_about(void **state)
{
	struct fixture *f = *state;

	f->entry.value = (char[]){ "http://localhost:*" };
	expect_one(f, false, 7, "http://localhost:*");
}

static void self_without_any_public_url_is_an_error(void **state)
{
	struct fixture *f = *state;

	f->entry.value = (char[]){ POLICY_SELF };
	f->listeners[0].public_urls.count = 0;
	f->config.listener_count = 2;
	expect_one(f, true, 7, "public_urls");
}

static void self_is_warned_about_where_a_listener_has_no_name(void **state)
{
	struct fixture *f = *state;

	f->entry.value = (char[]){ POLICY_SELF };
	f->config.listener_count = 2;
	expect_one(f, false, 7, "1 of 2 listeners");
}

static void self_on_named_listeners_is_fine(void **state)
{
	struct fixture *f = *state;

	f->entry.value = (char[]){ POLICY_SELF };
	review_config(&f->config, &f->problems);
	assert_int_equal(f->problems.count, 0);
}

static void absent_origin_is_let_in_without_a_word_on_loopback(void **state)
{
	struct fixture *f = *state;

	f->routes[0].absent = CONFIG_ABSENT_ALLOW;
	f->listeners[0].address = text_at("127.0.0.1", 1);
	review_config(&f->config, &f->problems);
	assert_int_equal(f->problems.count, 0);
}

static void absent_origin_is_warned_about_where_others_come(void **state)
{
	struct fixture *f = *state;

	f->routes[0].absent = CONFIG_ABSENT_ALLOW;
	f->routes[0].place = f->routes[0].path.place;
	f->listeners[0].address = text_at("0.0.0.0", 1);
	f->listeners[0].port = 8083;
	expect_one(f, false, 6, "0.0.0.0:8083");
}

static void absent_origin_is_fine_where_certificates_are_asked(void **state)
{
	struct fixture *f = *state;

	f->routes[0].absent = CONFIG_ABSENT_ALLOW;
	f->listeners[0].address = text_at("0.0.0.0", 1);
	f->listeners[0].tls.client_certificate =
	    CONFIG_CLIENT_CERTIFICATE_REQUIRED;
	review_config(&f->config, &f->problems);
	assert_int_equal(f->problems.count, 0);
}

static void all_problems_are_found_at_once(void **state)
{
	struct fixture *f = *state;

	f->url.value = (char[]){ "gw.example.com" };
	f->entry.value = (char[]){ "app.example.com" };
	assert_null(policy_create(&f->config, &f->problems));
	assert_int_equal(f->problems.errors, 2);
}

static void earlier_error_leaves_nothing_to_compile(void **state)
{
	struct fixture *f = *state;

	f->routes[0].path.value = NULL;
	problem_error(&f->problems, (struct config_place){ FILE_NAME, 5 },
	              "path is missing");
	assert_null(policy_create(&f->config, &f->problems));
	assert_int_equal(f->problems.count, 1);
}

static void every_fault_has_its_own_text(void **state)
{
	(void)state;
	for (int a = ORIGIN_FINE; a < ORIGIN_FAULTS; a++) {
		const char *text = origin_fault_text((enum origin_fault)a);

		assert_non_null(text);
		for (int b = ORIGIN_FINE; b < a; b++)
			assert_string_not_equal(
			    text, origin_fault_text((enum origin_fault)b));
	}
}

static void expect_fault(const char *entry, enum origin_fault fault)
{
	struct origin origin;
	enum origin_fault seen =
	    origin_read_entry(slice_from_text(entry), &origin);

	if (seen != fault)
		fail_msg("\"%s\": %s", entry, origin_fault_text(seen));
}

static void fault_tells_what_is_wrong_with_the_entry(void **state)
{
	(void)state;
	expect_fault("", ORIGIN_NO_SCHEME);
	expect_fault("app.example.com", ORIGIN_NO_SCHEME);
	expect_fault("^https://app", ORIGIN_NO_SCHEME);
	expect_fault("ws://a", ORIGIN_SOCKET_SCHEME);
	expect_fault("file://", ORIGIN_FILE_SCHEME);
	expect_fault("https://b\xc3\xbc.example", ORIGIN_NOT_ASCII);
	expect_fault(" https://a", ORIGIN_BLANK);
	expect_fault("https://a\x7f", ORIGIN_BLANK);
	expect_fault("https://a/b", ORIGIN_PATH);
	expect_fault("https://a#", ORIGIN_PATH);
	expect_fault("https://u@a", ORIGIN_USER);
	expect_fault("https://", ORIGIN_NO_HOST);
	expect_fault("https://a,b", ORIGIN_BAD_NAME);
	expect_fault("https://[::g]", ORIGIN_BAD_IPV6);
	expect_fault("https://a.", ORIGIN_EMPTY_LABEL);
	expect_fault("https://127.1", ORIGIN_NUMBER);
	expect_fault("https://a:0", ORIGIN_BAD_PORT);
	expect_fault("https://*a.example.com", ORIGIN_STAR);
	expect_fault("capacitor://*.example.com", ORIGIN_STAR_SCHEME);
	expect_fault("https://*.com", ORIGIN_STAR_SHORT);
	expect_fault("https://*.127.0.0.1", ORIGIN_STAR_SHORT);
	expect_fault("https://*.[::1]", ORIGIN_STAR_SHORT);
	expect_fault("https://a.example.com:*", ORIGIN_STAR_PORT);
	expect_fault("https://*.example.com:*", ORIGIN_STAR_PORT);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(good_configuration_has_no_problem),
		TEST(bad_entry_is_an_error_at_its_line),
		TEST(bad_public_url_is_an_error_at_its_line),
		TEST(any_origin_needs_its_switch),
		TEST(any_origin_is_warned_about),
		TEST(any_origin_is_an_error_where_certificates_are_asked),
		TEST(null_is_warned_about),
		TEST(wildcard_is_warned_about),
		TEST(any_port_is_warned_about),
		TEST(self_without_any_public_url_is_an_error),
		TEST(self_is_warned_about_where_a_listener_has_no_name),
		TEST(self_on_named_listeners_is_fine),
		TEST(absent_origin_is_let_in_without_a_word_on_loopback),
		TEST(absent_origin_is_warned_about_where_others_come),
		TEST(absent_origin_is_fine_where_certificates_are_asked),
		TEST(all_problems_are_found_at_once),
		TEST(earlier_error_leaves_nothing_to_compile),
		TEST(every_fault_has_its_own_text),
		TEST(fault_tells_what_is_wrong_with_the_entry),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
