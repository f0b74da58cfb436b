/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "admin/admin_path.h"
#include "config/config.h"

#define PATH_BYTES 108

static struct config_listener listeners[] = {
	{ .unix_path = { .value = "/run/ws.sock" } },
	{ .port = 8084 },
	{ .port = 8083 },
};
static struct config config = { .listeners = listeners, .listener_count = 3 };

static int forget(void **state)
{
	(void)state;
	unsetenv("RUNTIME_DIRECTORY");
	unsetenv("XDG_RUNTIME_DIR");
	config.admin.socket.value = "";
	config.listener_count = 3;
	return 0;
}

static void expect(const struct config *from, const char *expected)
{
	char path[PATH_BYTES];

	assert_true(admin_path(from, path, sizeof path));
	assert_string_equal(path, expected);
}

static void expect_none(const struct config *from)
{
	char path[PATH_BYTES];

	assert_false(admin_path(from, path, sizeof path));
}

static void the_setting_goes_before_all(void **state)
{
	(void)state;
	setenv("RUNTIME_DIRECTORY", "/run/postern", 1);
	config.admin.socket.value = "/srv/a.sock";
	expect(&config, "/srv/a.sock");
}

static void then_the_first_folder_of_the_service(void **state)
{
	(void)state;
	setenv("XDG_RUNTIME_DIR", "/run/user/7", 1);
	setenv("RUNTIME_DIRECTORY", "/run/postern", 1);
	expect(&config, "/run/postern/admin.sock");
	setenv("RUNTIME_DIRECTORY", "/run/a:/run/b", 1);
	expect(&config, "/run/a/admin.sock");
	expect(NULL, "/run/a/admin.sock");
}

static void then_that_of_the_user_by_the_first_port(void **state)
{
	(void)state;
	setenv("RUNTIME_DIRECTORY", "", 1);
	setenv("XDG_RUNTIME_DIR", "/run/user/7", 1);
	expect(&config, "/run/user/7/postern-8084.sock");
	expect_none(NULL);
	config.listener_count = 1;
	expect_none(&config);
}

static void else_there_is_none(void **state)
{
	(void)state;
	expect_none(&config);
	expect_none(NULL);
}

static void a_path_that_has_no_room_is_none(void **state)
{
	char folder[PATH_BYTES];
	char path[PATH_BYTES];

	(void)state;
	memset(folder, 'x', sizeof folder);
	folder[0] = '/';
	folder[PATH_BYTES - sizeof "/admin.sock"] = '\0';
	setenv("RUNTIME_DIRECTORY", folder, 1);
	assert_true(admin_path(&config, path, sizeof path));
	assert_int_equal(strlen(path), PATH_BYTES - 1);
	assert_false(admin_path(&config, path, sizeof path - 1));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(the_setting_goes_before_all, forget),
		cmocka_unit_test_setup(then_the_first_folder_of_the_service,
		                       forget),
		cmocka_unit_test_setup(then_that_of_the_user_by_the_first_port,
		                       forget),
		cmocka_unit_test_setup(else_there_is_none, forget),
		cmocka_unit_test_setup(a_path_that_has_no_room_is_none, forget),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
