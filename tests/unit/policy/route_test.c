/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Which route a path finds.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "config/config.h"
#include "policy/policy.h"
#include "policy/route.h"

#define ROUTES_MAX 8

/* The path of the route that `path` of `len` finds among `paths`, or "". */
static const char *find_bytes(const char *const *paths, const char *path,
                              size_t len)
{
	struct config_route configs[ROUTES_MAX] = { 0 };
	struct policy_route routes[ROUTES_MAX] = { 0 };
	struct policy policy = { .routes = routes };
	const struct policy_route *found;

	for (; paths[policy.route_count]; policy.route_count++) {
		size_t i = policy.route_count;

		configs[i].path.value = (char *)(uintptr_t)paths[i];
		routes[i].config = &configs[i];
	}
	found =
	    route_find(&policy, (struct slice){ (const uint8_t *)path, len });
	return found ? found->config->path.value : "";
}

static const char *find(const char *const *paths, const char *path)
{
	return find_bytes(paths, path, strlen(path));
}

static void exact_path_finds_only_itself(void **state)
{
	static const char *const paths[] = { "/mqtt", NULL };

	(void)state;
	assert_string_equal(find(paths, "/mqtt"), "/mqtt");
	assert_string_equal(find(paths, "/mqtt/"), "");
	assert_string_equal(find(paths, "/mqt"), "");
	assert_string_equal(find(paths, "/mqttt"), "");
	assert_string_equal(find(paths, "/MQTT"), "");
	assert_string_equal(find(paths, "/mqtt/a"), "");
	assert_string_equal(find(paths, "/"), "");
	assert_string_equal(find(paths, "mqtt"), "");
	assert_string_equal(find(paths, ""), "");
}

static void slash_alone_is_exact(void **state)
{
	static const char *const paths[] = { "/", NULL };

	(void)state;
	assert_string_equal(find(paths, "/"), "/");
	assert_string_equal(find(paths, "/a"), "");
	assert_string_equal(find(paths, "//"), "");
}

static void prefix_finds_all_below_its_slash(void **state)
{
	static const char *const paths[] = { "/a/*", NULL };

	(void)state;
	assert_string_equal(find(paths, "/a/"), "/a/*");
	assert_string_equal(find(paths, "/a/b"), "/a/*");
	assert_string_equal(find(paths, "/a/b/c"), "/a/*");
	assert_string_equal(find(paths, "/a/*"), "/a/*");
	assert_string_equal(find(paths, "/a"), "");
	assert_string_equal(find(paths, "/ab"), "");
	assert_string_equal(find(paths, "/b/a/"), "");
}

static void longest_prefix_wins_in_any_order(void **state)
{
	static const char *const up[] = { "/*", "/a/*", "/a/b/*", NULL };
	static const char *const down[] = { "/a/b/*", "/a/*", "/*", NULL };

	(void)state;
	assert_string_equal(find(up, "/a/b/c"), "/a/b/*");
	assert_string_equal(find(down, "/a/b/c"), "/a/b/*");
	assert_string_equal(find(up, "/a/b"), "/a/*");
	assert_string_equal(find(down, "/a/b"), "/a/*");
	assert_string_equal(find(up, "/a"), "/*");
	assert_string_equal(find(down, "/"), "/*");
}

static void exact_path_wins_over_every_prefix(void **state)
{
	static const char *const paths[] = { "/a/*", "/*", "/a/b", "/", NULL };

	(void)state;
	assert_string_equal(find(paths, "/a/b"), "/a/b");
	assert_string_equal(find(paths, "/a/b/"), "/a/*");
	assert_string_equal(find(paths, "/"), "/");
	assert_string_equal(find(paths, "/c"), "/*");
}

static void control_octet_finds_nothing(void **state)
{
	static const char *const paths[] = { "/a", "/a/*", NULL };

	(void)state;
	assert_string_equal(find_bytes(paths, "/a\0", 3), "");
	assert_string_equal(find_bytes(paths, "/a/\0", 4), "");
	assert_string_equal(find(paths, "/a/\x1f"), "");
	assert_string_equal(find(paths, "/a/\x7f"), "");
	assert_string_equal(find(paths, "/a/\xc3\xbc"), "/a/*");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(exact_path_finds_only_itself),
		cmocka_unit_test(slash_alone_is_exact),
		cmocka_unit_test(prefix_finds_all_below_its_slash),
		cmocka_unit_test(longest_prefix_wins_in_any_order),
		cmocka_unit_test(exact_path_wins_over_every_prefix),
		cmocka_unit_test(control_octet_finds_nothing),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
