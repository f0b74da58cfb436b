/* SPDX-License-Identifier: Apache-2.0 */
/* Passwords in files: what is read, and which files are refused. */
#include "config/secret.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "config/config.h"
#include "config/load.h"
#include "config/print.h"
#include "expect.h"

#define PATH_BYTES 64
#define LONGEST 65535

/* A password file, and the configuration file that names it in line 3. */
struct files {
	char password[PATH_BYTES];
	char config[PATH_BYTES];
};

static void make_file(char *path)
{
	int fd;

	snprintf(path, PATH_BYTES, "/tmp/postern-secret-XXXXXX");
	fd = mkstemp(path);
	assert_true(fd >= 0);
	close(fd);
}

static void write_bytes(const char *path, const char *bytes, size_t len)
{
	FILE *file = fopen(path, "w");

	assert_non_null(file);
	assert_int_equal(fwrite(bytes, 1, len, file), len);
	assert_int_equal(fclose(file), 0);
}

static void name_password(const struct files *files, const char *path)
{
	FILE *file = fopen(files->config, "w");

	assert_non_null(file);
	fprintf(file,
	        GOOD_LISTENERS "upstreams = ( { name = \"a\"; servers = "
	                       "[\"mqtt://a\"]; username = \"web\";\n"
	                       "password_file = \"%s\"; } );\n" GOOD_ROUTES,
	        path);
	assert_int_equal(fclose(file), 0);
}

static int make_files(void **state)
{
	static struct files files;

	make_file(files.password);
	make_file(files.config);
	name_password(&files, files.password);
	*state = &files;
	return 0;
}

static int remove_files(void **state)
{
	struct files *files = *state;

	unlink(files->password);
	unlink(files->config);
	return 0;
}

static struct config *load(const struct files *files, struct problems *problems)
{
	struct config *config;

	problems_init(problems);
	config = config_load(files->config, problems);
	assert_non_null(config);
	return config;
}

static void expect_password(void **state, const char *bytes, size_t len,
                            size_t password_len)
{
	struct files *files = *state;
	struct problems problems;
	struct config *config;

	write_bytes(files->password, bytes, len);
	config = load(files, &problems);
	expect_counts(&problems, 0, 0);
	assert_int_equal(config->upstreams[0].password_len, password_len);
	assert_memory_equal(config->upstreams[0].password, bytes, password_len);
	config_unload(config);
	problems_finish(&problems);
}

static void expect_refused(void **state, const char *text)
{
	struct files *files = *state;
	struct problems problems;
	struct config *config = load(files, &problems);

	expect_counts(&problems, 1, 0);
	expect_error(&problems, 3, text);
	assert_null(config->upstreams[0].password);
	config_unload(config);
	problems_finish(&problems);
}

static void one_line_end_is_dropped(void **state)
{
	expect_password(state, "secret", 6, 6);
	expect_password(state, "secret\n", 7, 6);
	expect_password(state, "secret\r\n", 8, 6);
	expect_password(state, "secret\n\n", 8, 7);
	expect_password(state, "secret\r\n\r\n", 10, 8);
	expect_password(state, "secret\r", 7, 7);
	expect_password(state, " two words \n", 12, 11);
}

static void any_bytes_are_a_password(void **state)
{
	expect_password(state, "\0\xff\n\x01\n", 5, 4);
}

static void empty_file_is_refused(void **state)
{
	struct files *files = *state;

	expect_refused(state, "is empty");
	write_bytes(files->password, "\n", 1);
	expect_refused(state, "is empty");
	write_bytes(files->password, "\r\n", 2);
	expect_refused(state, "is empty");
}

static void password_of_65535_bytes_is_the_longest(void **state)
{
	struct files *files = *state;
	char *bytes = malloc(LONGEST + 2);

	assert_non_null(bytes);
	memset(bytes, 'x', LONGEST + 2);
	expect_password(state, bytes, LONGEST, LONGEST);
	bytes[LONGEST] = '\n';
	expect_password(state, bytes, LONGEST + 1, LONGEST);
	memcpy(bytes + LONGEST, "\r\n", 2);
	expect_password(state, bytes, LONGEST + 2, LONGEST);
	write_bytes(files->password, bytes, LONGEST + 1);
	expect_refused(state, "is longer than the 65535 bytes");
	assert_int_equal(truncate(files->password, 1 << 30), 0);
	expect_refused(state, "is longer than the 65535 bytes");
	free(bytes);
}

static void file_that_others_may_use_is_refused(void **state)
{
	struct files *files = *state;
	char advice[PATH_BYTES + 16];

	write_bytes(files->password, "secret", 6);
	snprintf(advice, sizeof(advice), "chmod o= %s", files->password);
	for (mode_t mode = 1; mode <= 7; mode++) {
		assert_int_equal(chmod(files->password, 0640 | mode), 0);
		expect_refused(state, advice);
	}
}

static void file_that_its_group_may_change_is_refused(void **state)
{
	struct files *files = *state;

	write_bytes(files->password, "secret", 6);
	assert_int_equal(chmod(files->password, 0660), 0);
	expect_refused(state, "chmod g-w ");
	assert_int_equal(chmod(files->password, 0640), 0);
	expect_password(state, "secret", 6, 6);
}

static void unreadable_file_is_refused(void **state)
{
	struct files *files = *state;

	write_bytes(files->password, "secret", 6);
	assert_int_equal(chmod(files->password, 0), 0);
	if (access(files->password, R_OK) == 0)
		return; /* root may read everything */
	expect_refused(state, "cannot be read: Permission denied");
}

static void what_is_no_file_is_refused(void **state)
{
	struct files *files = *state;

	name_password(files, "/tmp");
	expect_refused(state, "it is a directory");
	name_password(files, "/nowhere/at/all");
	expect_refused(state, "cannot be read: No such file");
	unlink(files->password);
	assert_int_equal(mkfifo(files->password, 0600), 0);
	name_password(files, files->password);
	expect_refused(state, "it is no file");
}

static void password_is_never_printed(void **state)
{
	struct files *files = *state;
	struct problems problems;
	struct config *config;
	char *text = NULL;
	size_t len = 0;
	FILE *out;

	write_bytes(files->password, "secret of ours\n", 15);
	config = load(files, &problems);
	out = open_memstream(&text, &len);
	assert_non_null(out);
	config_print(config, out);
	assert_int_equal(fclose(out), 0);
	assert_non_null(strstr(text, files->password));
	assert_null(strstr(text, "secret of ours"));
	free(text);
	config_unload(config);
	problems_finish(&problems);
}

static void wiped_password_is_gone(void **state)
{
	struct files *files = *state;
	uint8_t zeros[6] = { 0 };
	struct problems problems;
	struct config *config;
	const uint8_t *bytes;

	write_bytes(files->password, "secret", 6);
	config = load(files, &problems);
	bytes = config->upstreams[0].password;
	secret_wipe(config);
	assert_memory_equal(bytes, zeros, sizeof(zeros));
	assert_null(config->upstreams[0].password);
	config_unload(config);
	problems_finish(&problems);
}

#define TEST(name)                                                             \
	cmocka_unit_test_setup_teardown(name, make_files, remove_files)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(one_line_end_is_dropped),
		TEST(any_bytes_are_a_password),
		TEST(empty_file_is_refused),
		TEST(password_of_65535_bytes_is_the_longest),
		TEST(file_that_others_may_use_is_refused),
		TEST(file_that_its_group_may_change_is_refused),
		TEST(unreadable_file_is_refused),
		TEST(what_is_no_file_is_refused),
		TEST(password_is_never_printed),
		TEST(wiped_password_is_gone),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
