/* SPDX-License-Identifier: Apache-2.0 */
#include "tls/subject.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>
#include <openssl/x509.h>

#define LONGEST 256

static void add(X509_NAME *name, const char *field, int type, const char *text,
                size_t len)
{
	assert_int_equal(X509_NAME_add_entry_by_txt(name, field, type,
	                                            (const unsigned char *)text,
	                                            (int)len, -1, 0),
	                 1);
}

/* Of pairs of field and text up to a NULL. */
static X509_NAME *name_of(const char *const *pairs)
{
	X509_NAME *name = X509_NAME_new();

	assert_non_null(name);
	for (; pairs[0]; pairs += 2)
		add(name, pairs[0], MBSTRING_UTF8, pairs[1], strlen(pairs[1]));
	return name;
}

static void expect_user(const char *const *pairs, const char *expected)
{
	X509_NAME *name = name_of(pairs);
	char *user = NULL;

	assert_int_equal(tls_subject_of(name, &user), TLS_SUBJECT_USER);
	assert_string_equal(user, expected);
	free(user);
	X509_NAME_free(name);
}

static void expect_unusable(X509_NAME *name)
{
	char *user = NULL;

	assert_int_equal(tls_subject_of(name, &user), TLS_SUBJECT_UNUSABLE);
	assert_null(user);
	X509_NAME_free(name);
}

static void a_common_name_is_the_user(void **state)
{
	const char *const pairs[] = { "O", "Plant", "CN", "anna", NULL };
	const char *const accents[] = { "CN", "J\xc3\xb6rg", NULL };
	const char *const signs[] = { "CN", "a/+#, \"b\"", NULL };

	(void)state;
	expect_user(pairs, "anna");
	expect_user(accents, "J\xc3\xb6rg");
	expect_user(signs, "a/+#, \"b\"");
}

static void without_a_common_name_the_whole_subject_is(void **state)
{
	const char *const pairs[] = { "C", "DE", "O", "W\xc3\xa4rk", NULL };

	(void)state;
	expect_user(pairs, "O=W\xc3\xa4rk,C=DE");
}

static void no_common_name_is_preferred_to_another(void **state)
{
	const char *const pairs[] = { "CN", "anna", "CN", "root", NULL };

	(void)state;
	expect_user(pairs, "CN=root,CN=anna");
}

static void an_empty_subject_is_nobody(void **state)
{
	(void)state;
	expect_unusable(X509_NAME_new());
}

static void a_name_with_a_control_character_is_no_user(void **state)
{
	static const struct {
		const char *text;
		size_t len;
	} all[] = {
		{ "an\0na", 5 },   { "anna\n", 5 },     { "\x1b[2J", 4 },
		{ "an\x7fna", 5 }, { "a\xc2\x85z", 4 }, { "\x01", 1 },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(all) / sizeof(all[0]); i++) {
		X509_NAME *name = X509_NAME_new();

		add(name, "CN", V_ASN1_UTF8STRING, all[i].text, all[i].len);
		expect_unusable(name);
	}
}

static void octets_that_are_no_text_are_no_user(void **state)
{
	X509_NAME *name = X509_NAME_new();

	(void)state;
	add(name, "CN", V_ASN1_UTF8STRING, "a\xff\xfe", 3);
	expect_unusable(name);
}

static void the_longest_user_has_256_octets(void **state)
{
	char text[LONGEST + 1];
	X509_NAME *name = X509_NAME_new();
	char *user = NULL;

	(void)state;
	memset(text, 'a', sizeof text);
	add(name, "CN", V_ASN1_UTF8STRING, text, LONGEST);
	assert_int_equal(tls_subject_of(name, &user), TLS_SUBJECT_USER);
	assert_int_equal(strlen(user), LONGEST);
	free(user);
	X509_NAME_free(name);
	name = X509_NAME_new();
	add(name, "CN", V_ASN1_UTF8STRING, text, LONGEST + 1);
	expect_unusable(name);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_common_name_is_the_user),
		cmocka_unit_test(without_a_common_name_the_whole_subject_is),
		cmocka_unit_test(no_common_name_is_preferred_to_another),
		cmocka_unit_test(an_empty_subject_is_nobody),
		cmocka_unit_test(a_name_with_a_control_character_is_no_user),
		cmocka_unit_test(octets_that_are_no_text_are_no_user),
		cmocka_unit_test(the_longest_user_has_256_octets),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
