/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Configurations as files: those of tests/config under POSTERN_SOURCE_ROOT,
 * and what can be wrong with a file itself.
 */
#include "config/load.h"

#include <fcntl.h>
#include <glob.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "config/check.h"
#include "config/config.h"
#include "config/schema.h"
#include "config/source.h"
#include "expect.h"
#include "policy/review.h"

#define PATH_BYTES 512
#define LINE_BYTES 512
#define EXPECTATION "# expect: "

struct loaded {
	struct config *config;
	struct problems problems;
};

static struct loaded load(const char *path)
{
	struct loaded loaded;

	problems_init(&loaded.problems);
	loaded.config = config_load(path, &loaded.problems);
	if (loaded.config != NULL)
		config_check(loaded.config, &loaded.problems);
	return loaded;
}

/* As the program does, but for what the network rooms check. */
static struct loaded load_all(const char *path)
{
	struct loaded loaded = load(path);

	if (loaded.config != NULL)
		review_config(loaded.config, &loaded.problems);
	return loaded;
}

static void unload(struct loaded *loaded)
{
	config_unload(loaded->config);
	problems_finish(&loaded->problems);
}

static void expect_line(const struct problems *problems, char *line)
{
	char *text;
	unsigned long number = strtoul(line, &text, 10);

	assert_true(text[0] == ':' && text[1] == ' ');
	text[strcspn(text, "\n")] = '\0';
	expect_error(problems, (unsigned)number, text + 2);
}

static void expect_as_written(const char *path)
{
	struct loaded loaded = load_all(path);
	FILE *file = fopen(path, "r");
	char line[LINE_BYTES];
	size_t count = 0;

	assert_non_null(file);
	while (fgets(line, sizeof(line), file) != NULL &&
	       strncmp(line, EXPECTATION, strlen(EXPECTATION)) == 0) {
		expect_line(&loaded.problems, line + strlen(EXPECTATION));
		count++;
	}
	assert_true(count > 0);
	expect_counts(&loaded.problems, count,
	              loaded.problems.count - loaded.problems.errors);
	fclose(file);
	unload(&loaded);
}

static void expect_good(const char *path)
{
	struct loaded loaded = load_all(path);

	assert_non_null(loaded.config);
	for (size_t i = 0; i < loaded.problems.count; i++) {
		const struct problem *problem = &loaded.problems.list[i];

		/* That of the password, which is not on this machine. */
		if (problem->is_error && !strstr(problem->text, "No such file"))
			fail_msg("%u: %s", problem->place.line, problem->text);
	}
	unload(&loaded);
}

static void source_path(char *path, const char *name)
{
	const char *root = getenv("POSTERN_SOURCE_ROOT");

	assert_non_null(root);
	snprintf(path, PATH_BYTES, "%s/%s", root, name);
}

static void for_each_file(const char *pattern, size_t fewest,
                          void (*expect_file)(const char *path))
{
	char path[PATH_BYTES];
	glob_t found;

	source_path(path, pattern);
	assert_int_equal(glob(path, 0, NULL, &found), 0);
	assert_true(found.gl_pathc >= fewest);
	for (size_t i = 0; i < found.gl_pathc; i++) {
		print_message("# %s\n", found.gl_pathv[i]);
		expect_file(found.gl_pathv[i]);
	}
	globfree(&found);
}

static void every_bad_file_says_what_its_first_lines_expect(void **state)
{
	(void)state;
	for_each_file("tests/config/bad/*.conf", 35, expect_as_written);
}

static void every_good_file_is_taken(void **state)
{
	(void)state;
	for_each_file("tests/config/good/*.conf", 1, expect_good);
}

static void example_file_is_taken_without_a_warning(void **state)
{
	char path[PATH_BYTES];
	struct loaded loaded;

	(void)state;
	source_path(path, "config/postern.conf");
	loaded = load(path);
	assert_non_null(loaded.config);
	expect_counts(&loaded.problems, 0, 0);
	unload(&loaded);
}

/* Whether the example shows `setting`, with its default when it has one. */
static void expect_shown(const char *text, const struct schema_setting *setting)
{
	char line[LINE_BYTES];

	snprintf(line, sizeof(line), "%s = ", setting->name);
	if (setting->kind == SCHEMA_INTEGER && setting->initial >= setting->min)
		snprintf(line, sizeof(line), "%s = %u;", setting->name,
		         setting->initial);
	else if (setting->kind == SCHEMA_SIZE)
		snprintf(line, sizeof(line), "%s = %u;", setting->name,
		         setting->initial);
	else if (setting->kind == SCHEMA_WORD)
		snprintf(line, sizeof(line), "%s = \"%s\";", setting->name,
		         setting->words[setting->initial]);
	else if (setting->kind == SCHEMA_BOOL)
		snprintf(line, sizeof(line), "%s = %s;", setting->name,
		         setting->initial ? "true" : "false");
	if (strstr(text, line) == NULL)
		fail_msg("the example does not show: %s", line);
}

static void example_file_shows_every_setting_and_default(void **state)
{
	const struct schema *queue[32] = { &schema_root };
	char path[PATH_BYTES];
	struct problems problems;
	size_t count = 1;
	size_t len;
	char *text;

	(void)state;
	problems_init(&problems);
	source_path(path, "config/postern.conf");
	text = source_read(path, &len, &problems);
	assert_non_null(text);
	for (size_t i = 0; i < count; i++) {
		for (size_t j = 0; j < queue[i]->count; j++) {
			expect_shown(text, &queue[i]->settings[j]);
			if (queue[i]->settings[j].inner != NULL)
				queue[count++] = queue[i]->settings[j].inner;
		}
	}
	free(text);
	problems_finish(&problems);
}

/* A new directory with `conf.d` in it. */
struct folder {
	char path[PATH_BYTES];
};

static int make_folder(void **state)
{
	struct folder *folder = calloc(1, sizeof(*folder));
	char parts[PATH_BYTES + 8];

	if (folder == NULL)
		return -1;
	snprintf(folder->path, PATH_BYTES, "/tmp/postern-config-XXXXXX");
	if (mkdtemp(folder->path) == NULL)
		return -1;
	snprintf(parts, sizeof(parts), "%s/conf.d", folder->path);
	*state = folder;
	return mkdir(parts, 0700);
}

static int remove_folder(void **state)
{
	struct folder *folder = *state;
	static const char *const patterns[] = { "/conf.d/*", "/conf.d/.hid*",
		                                "/*", "" };

	for (size_t i = 0; i < sizeof(patterns) / sizeof(*patterns); i++) {
		char pattern[PATH_BYTES + 16];
		glob_t found;

		snprintf(pattern, sizeof(pattern), "%s%s", folder->path,
		         patterns[i]);
		if (glob(pattern, 0, NULL, &found) != 0)
			continue;
		for (size_t j = 0; j < found.gl_pathc; j++)
			remove(found.gl_pathv[j]);
		globfree(&found);
	}
	free(folder);
	return 0;
}

static const char *join(void **state, const char *name, char *path)
{
	struct folder *folder = *state;

	snprintf(path, PATH_BYTES * 2, "%s/%s", folder->path, name);
	return path;
}

static void write_file(void **state, const char *name, const char *text)
{
	char path[PATH_BYTES * 2];
	FILE *file = fopen(join(state, name, path), "w");

	assert_non_null(file);
	assert_true(fputs(text, file) >= 0);
	assert_int_equal(fclose(file), 0);
}

static struct loaded load_in(void **state, const char *name)
{
	char path[PATH_BYTES * 2];

	return load(join(state, name, path));
}

static void expect_refused(void **state, const char *name, const char *text)
{
	struct loaded loaded = load_in(state, name);

	assert_null(loaded.config);
	expect_error(&loaded.problems, 0, text);
	expect_counts(&loaded.problems, 1, 0);
	unload(&loaded);
}

static void missing_file_is_one_error(void **state)
{
	expect_refused(state, "postern.conf", "cannot be read: No such file");
}

static void directory_is_one_error(void **state)
{
	expect_refused(state, "conf.d", "it is a directory");
}

static void empty_file_is_one_error(void **state)
{
	write_file(state, "postern.conf", "");
	expect_refused(state, "postern.conf", "is empty");
}

static void unreadable_file_is_one_error(void **state)
{
	char path[PATH_BYTES * 2];

	write_file(state, "postern.conf", GOOD);
	assert_int_equal(chmod(join(state, "postern.conf", path), 0), 0);
	if (access(path, R_OK) == 0)
		return; /* root may read everything */
	expect_refused(state, "postern.conf", "Permission denied");
}

static void huge_file_is_one_error(void **state)
{
	char path[PATH_BYTES * 2];

	write_file(state, "postern.conf", GOOD "\n#");
	assert_int_equal(truncate(join(state, "postern.conf", path), 1 << 30),
	                 0);
	expect_refused(state, "postern.conf", "is larger than 1048576 bytes");
}

static void endless_file_is_one_error(void **state)
{
	(void)state;
	struct loaded loaded = load("/dev/zero");

	assert_null(loaded.config);
	expect_error(&loaded.problems, 0, "is larger than");
	unload(&loaded);
}

static void parts_are_added_in_the_order_of_their_names(void **state)
{
	struct loaded loaded;

	write_file(state, "postern.conf", GOOD);
	write_file(
	    state, "conf.d/20.conf",
	    "upstreams = ( { name = \"c\"; servers = [\"mqtt://c\"]; } );"
	    "drain = { spread_s = 7; };");
	write_file(
	    state, "conf.d/10.conf",
	    "upstreams = ( { name = \"b\"; servers = [\"mqtt://b\"]; } );"
	    "workers = 3;");
	write_file(state, "conf.d/30.conf.old", "unknown = 1;");
	write_file(state, "conf.d/.hidden.conf", "unknown = 1;");
	loaded = load_in(state, "postern.conf");
	expect_counts(&loaded.problems, 0, 0);
	assert_int_equal(loaded.config->file_count, 3);
	assert_int_equal(loaded.config->upstream_count, 3);
	assert_string_equal(loaded.config->upstreams[0].name.value, "a");
	assert_string_equal(loaded.config->upstreams[1].name.value, "b");
	assert_string_equal(loaded.config->upstreams[2].name.value, "c");
	assert_non_null(
	    strstr(loaded.config->upstreams[2].place.file, "/conf.d/20.conf"));
	assert_int_equal(loaded.config->upstreams[0].connect_timeout_ms, 5000);
	assert_int_equal(loaded.config->workers, 3);
	assert_int_equal(loaded.config->drain.spread_s, 7);
	assert_int_equal(loaded.config->drain.timeout_s, 30);
	unload(&loaded);
}

static void setting_in_two_files_is_an_error_that_names_both(void **state)
{
	struct loaded loaded;

	write_file(state, "postern.conf", GOOD "workers = 2;\nlog = { };\n");
	write_file(state, "conf.d/10.conf",
	           "\nworkers = 3;\nlog = { level = \"debug\"; };\n");
	loaded = load_in(state, "postern.conf");
	expect_counts(&loaded.problems, 2, 0);
	expect_error(&loaded.problems, 2, "\"workers\" is already set at");
	expect_error(&loaded.problems, 2, "/postern.conf:4: keep one");
	expect_error(&loaded.problems, 3, "/postern.conf:5: keep one");
	assert_non_null(
	    strstr(loaded.problems.list[0].place.file, "/conf.d/10.conf"));
	assert_int_equal(loaded.config->workers, 2);
	unload(&loaded);
}

static void errors_of_all_files_come_at_once(void **state)
{
	struct loaded loaded;

	write_file(state, "postern.conf", "workers = 2s;\n");
	write_file(state, "conf.d/10.conf", "workers = ;\n");
	write_file(state, "conf.d/20.conf", "");
	write_file(state, "conf.d/30.conf", "wrokers = 1;\n");
	loaded = load_in(state, "postern.conf");
	assert_null(loaded.config);
	expect_counts(&loaded.problems, 4, 0);
	expect_error(&loaded.problems, 1, "2s is neither a whole number");
	expect_error(&loaded.problems, 1, "syntax error");
	expect_error(&loaded.problems, 0, "is empty");
	expect_error(&loaded.problems, 1, "did you mean \"workers\"?");
	unload(&loaded);
}

static void route_of_a_part_may_name_an_upstream_of_the_file(void **state)
{
	struct loaded loaded;

	write_file(state, "postern.conf", GOOD_LISTENERS GOOD_UPSTREAMS);
	write_file(state, "conf.d/10.conf", GOOD_ROUTES);
	loaded = load_in(state, "postern.conf");
	expect_counts(&loaded.problems, 0, 0);
	unload(&loaded);
}

#define IN_FOLDER(test)                                                        \
	cmocka_unit_test_setup_teardown(test, make_folder, remove_folder)

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(
		    every_bad_file_says_what_its_first_lines_expect),
		cmocka_unit_test(every_good_file_is_taken),
		cmocka_unit_test(example_file_is_taken_without_a_warning),
		cmocka_unit_test(example_file_shows_every_setting_and_default),
		IN_FOLDER(missing_file_is_one_error),
		IN_FOLDER(directory_is_one_error),
		IN_FOLDER(empty_file_is_one_error),
		IN_FOLDER(unreadable_file_is_one_error),
		IN_FOLDER(huge_file_is_one_error),
		cmocka_unit_test(endless_file_is_one_error),
		IN_FOLDER(parts_are_added_in_the_order_of_their_names),
		IN_FOLDER(setting_in_two_files_is_an_error_that_names_both),
		IN_FOLDER(errors_of_all_files_come_at_once),
		IN_FOLDER(route_of_a_part_may_name_an_upstream_of_the_file),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
