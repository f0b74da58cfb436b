/* SPDX-License-Identifier: Apache-2.0 */
#include "page/properties.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "mqtt/properties.h"

#define LONG_BYTES 3000 /* five of them are within the bound of a packet */
#define LENGTH(array) (sizeof(array) / sizeof((array)[0]))
#define BYTES(bytes)                                                           \
	{                                                                      \
		(const uint8_t *)(bytes), sizeof(bytes) - 1                    \
	}

/* Each property that a message may have, by id, with its octets. */
static struct json_user_property users[] = {
	{ BYTES("n"), BYTES("one") },
	{ BYTES("m"), BYTES("") },
	{ BYTES("n"), BYTES("two") },
};

static const struct {
	struct json_properties properties;
	struct slice list;
} rows[] = {
	{ .list = BYTES("") },
	{ { .has_format = true, .format = 0 }, BYTES("\x01\x00") },
	{ { .has_format = true, .format = 1 }, BYTES("\x01\x01") },
	{ { .has_expiry = true, .expiry_s = 0 },
	  BYTES("\x02\x00\x00\x00\x00") },
	{ { .has_expiry = true, .expiry_s = UINT32_MAX },
	  BYTES("\x02\xff\xff\xff\xff") },
	{ { .content_type = BYTES("a/b") },
	  BYTES("\x03\x00\x03"
	        "a/b") },
	{ { .content_type = BYTES("") }, BYTES("\x03\x00\x00") },
	{ { .response_topic = BYTES("r/1") }, BYTES("\x08\x00\x03r/1") },
	{ { .correlation_data = BYTES("\x00\xff") },
	  BYTES("\x09\x00\x02\x00\xff") },
	{ { .correlation_data = BYTES("") }, BYTES("\x09\x00\x00") },
	{ { .user_properties = users, .user_property_count = 3 },
	  BYTES("\x26\x00\x01n\x00\x03"
	        "one"
	        "\x26\x00\x01m\x00\x00"
	        "\x26\x00\x01n\x00\x03two") },
	{ { .has_format = true,
	    .format = 1,
	    .has_expiry = true,
	    .expiry_s = 0x01020304,
	    .content_type = BYTES("c"),
	    .response_topic = BYTES("r"),
	    .correlation_data = BYTES("d"),
	    .user_properties = users,
	    .user_property_count = 1 },
	  BYTES("\x01\x01\x02\x01\x02\x03\x04\x03\x00\x01"
	        "c\x08\x00\x01r\x09\x00\x01"
	        "d\x26\x00\x01n\x00\x03one") },
};

/* What is not there differs from what is empty. */
static void expect_text(struct slice found, struct slice wanted)
{
	assert_int_equal(found.data == NULL, wanted.data == NULL);
	assert_true(slice_equals(found, wanted));
}

static void expect_same(const struct json_properties *found,
                        const struct json_properties *wanted)
{
	expect_text(found->content_type, wanted->content_type);
	expect_text(found->response_topic, wanted->response_topic);
	expect_text(found->correlation_data, wanted->correlation_data);
	assert_int_equal(found->has_expiry, wanted->has_expiry);
	assert_int_equal(found->expiry_s, wanted->expiry_s);
	assert_int_equal(found->has_format, wanted->has_format);
	assert_int_equal(found->format, wanted->format);
	assert_int_equal(found->user_property_count,
	                 wanted->user_property_count);
	for (size_t i = 0; i < wanted->user_property_count; i++) {
		assert_true(slice_equals(found->user_properties[i].name,
		                         wanted->user_properties[i].name));
		assert_true(slice_equals(found->user_properties[i].value,
		                         wanted->user_properties[i].value));
	}
}

static void each_property_is_written_as_mqtt_has_it(void **state)
{
	(void)state;
	for (size_t i = 0; i < LENGTH(rows); i++) {
		uint8_t *list;
		size_t len;

		assert_true(properties_write(&rows[i].properties, &list, &len));
		if (!slice_equals((struct slice){ list, len }, rows[i].list))
			fail_msg("row %zu", i);
		free(list);
	}
}

static void each_property_is_read_as_it_was(void **state)
{
	(void)state;
	for (size_t i = 0; i < LENGTH(rows); i++) {
		struct json_properties read;

		memset(&read, 0xff, sizeof read);
		assert_true(properties_read(rows[i].list, &read));
		expect_same(&read, &rows[i].properties);
		properties_finish(&read);
	}
}

/* No octet too many, none that is no whole property. */
static void a_written_list_may_stand_in_a_publish(void **state)
{
	(void)state;
	for (size_t i = 0; i < LENGTH(rows); i++) {
		struct mqtt_properties_used used = { 0 };
		struct mqtt_property property;
		uint8_t *list;
		size_t len;

		assert_true(properties_write(&rows[i].properties, &list, &len));
		struct slice rest = { list, len };

		while (rest.len > 0)
			assert_true(mqtt_properties_take(&rest, &property));
		assert_int_equal(
		    mqtt_properties_check((struct slice){ list, len },
		                          MQTT_PUBLISH, &used),
		    MQTT_PROPERTIES_OK);
		free(list);
	}
}

static void long_texts_are_written_whole(void **state)
{
	static uint8_t text[LONG_BYTES];
	struct slice all = { text, sizeof text };
	struct json_user_property user = { all, all };
	const struct json_properties properties = {
		.has_format = true,
		.has_expiry = true,
		.content_type = all,
		.response_topic = all,
		.correlation_data = all,
		.user_properties = &user,
		.user_property_count = 1,
	};
	struct json_properties read;
	uint8_t *list;
	size_t len;

	(void)state;
	memset(text, 'x', sizeof text);
	assert_true(properties_write(&properties, &list, &len));
	assert_true(properties_read((struct slice){ list, len }, &read));
	expect_same(&read, &properties);
	properties_finish(&read);
	free(list);
}

/* Subscription identifiers and an alias are no business of the page. */
static void what_a_page_does_not_get_is_passed_over(void **state)
{
	const struct slice list =
	    BYTES("\x0b\x05\x23\x00\x01\x03\x00\x01t\x0b\x06");
	const struct json_properties wanted = { .content_type = BYTES("t") };
	struct json_properties read;

	(void)state;
	assert_true(properties_read(list, &read));
	expect_same(&read, &wanted);
	properties_finish(&read);
}

static void what_was_read_is_given_back(void **state)
{
	struct json_properties read;

	(void)state;
	assert_true(properties_read(
	    (struct slice)BYTES("\x26\x00\x01n\x00\x01v"), &read));
	assert_int_equal(read.user_property_count, 1);
	properties_finish(&read);
	assert_null(read.user_properties);
	assert_int_equal(read.user_property_count, 0);
	properties_finish(&read);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_property_is_written_as_mqtt_has_it),
		cmocka_unit_test(each_property_is_read_as_it_was),
		cmocka_unit_test(a_written_list_may_stand_in_a_publish),
		cmocka_unit_test(long_texts_are_written_whole),
		cmocka_unit_test(what_a_page_does_not_get_is_passed_over),
		cmocka_unit_test(what_was_read_is_given_back),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
