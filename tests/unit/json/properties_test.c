/* SPDX-License-Identifier: Apache-2.0 */
#include "json/properties.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#include "frame.h"

static const struct json_properties *properties(const char *fields)
{
	char *text = compose("{\"type\":\"publish\",\"topic\":\"a\","
	                     "\"payload\":\"\",\"properties\":{",
	                     fields, "}}");
	const struct json_request *request = frame_fine(text);

	free(text);
	return &request->properties;
}

static void refused(uint8_t code, const char *fields)
{
	char *text = compose("{\"type\":\"publish\",\"id\":1,\"topic\":\"a\","
	                     "\"payload\":\"\",\"properties\":{",
	                     fields, "}}");

	frame_refused(code, "1", text);
	free(text);
}

static void an_empty_object_has_none(void **state)
{
	const struct json_properties *none = properties("");

	(void)state;
	assert_false(json_properties_are_any(none));
	assert_null(none->content_type.data);
	assert_null(none->response_topic.data);
	assert_null(none->correlation_data.data);
	assert_false(json_properties_are_any(properties("\"x\":{\"y\":[1]}")));
	assert_false(
	    json_properties_are_any(properties("\"user_properties\":{}")));
}

static void each_is_read(void **state)
{
	const struct json_properties *all = properties(
	    "\"content_type\":\"text/pl\\u0061in\",\"response_topic\":\"b/c\","
	    "\"correlation_data\":\"x\\ny\",\"message_expiry_interval\":60,"
	    "\"payload_format_indicator\":1,\"user_properties\":{\"k\":\"v\"}");

	(void)state;
	assert_slice(all->content_type, "text/plain");
	assert_slice(all->response_topic, "b/c");
	assert_slice(all->correlation_data, "x\ny");
	assert_true(all->has_expiry);
	assert_int_equal(all->expiry_s, 60);
	assert_true(all->has_format);
	assert_int_equal(all->format, 1);
	assert_int_equal(all->user_property_count, 1);
	assert_slice(all->user_properties[0].name, "k");
	assert_slice(all->user_properties[0].value, "v");
	assert_true(json_properties_are_any(all));
}

static void empty_strings_are_there(void **state)
{
	(void)state;
	assert_non_null(properties("\"content_type\":\"\"")->content_type.data);
	assert_non_null(
	    properties("\"correlation_data\":\"\"")->correlation_data.data);
	assert_non_null(properties("\"correlation_data_encoding\":\"base64\","
	                           "\"correlation_data\":\"\"")
	                    ->correlation_data.data);
}

static void correlation_data_may_be_base64(void **state)
{
	(void)state;
	assert_octets(properties("\"correlation_data_encoding\":\"base64\","
	                         "\"correlation_data\":\"AP8\\u003d\"")
	                  ->correlation_data,
	              "\0\xff", 2);
	assert_slice(properties("\"correlation_data_encoding\":\"plain\","
	                        "\"correlation_data\":\"AP8=\"")
	                 ->correlation_data,
	             "AP8=");
	refused(130, "\"correlation_data_encoding\":\"base64\","
	             "\"correlation_data\":\"AP8\"");
	refused(130, "\"correlation_data_encoding\":\"hex\","
	             "\"correlation_data\":\"AP8=\"");
	refused(130, "\"correlation_data_encoding\":1,"
	             "\"correlation_data\":\"AP8=\"");
}

static void expiry_has_32_bits(void **state)
{
	(void)state;
	assert_int_equal(
	    properties("\"message_expiry_interval\":4294967295")->expiry_s,
	    UINT32_MAX);
	assert_true(properties("\"message_expiry_interval\":0")->has_expiry);
	refused(130, "\"message_expiry_interval\":4294967296");
	refused(130, "\"message_expiry_interval\":-1");
	refused(130, "\"message_expiry_interval\":1.5");
	refused(130, "\"message_expiry_interval\":\"60\"");
	refused(130, "\"message_expiry_interval\":99999999999999999999");
}

static void wrong_types_are_answered(void **state)
{
	(void)state;
	refused(130, "\"content_type\":1");
	refused(130, "\"content_type\":null");
	refused(130, "\"content_type\":\"a\\u0000\"");
	refused(130, "\"response_topic\":1");
	refused(144, "\"response_topic\":\"\"");
	refused(144, "\"response_topic\":\"a/#\"");
	refused(144, "\"response_topic\":\"a\\u0000\"");
	refused(130, "\"correlation_data\":1");
	refused(130, "\"payload_format_indicator\":2");
	refused(130, "\"payload_format_indicator\":true");
	refused(130, "\"user_properties\":[]");
	refused(130, "\"user_properties\":{\"a\":1}");
	refused(130, "\"user_properties\":{\"a\":null}");
	refused(130, "\"user_properties\":{\"a\":[1]}");
	refused(130, "\"user_properties\":{\"a\":[[\"b\"]]}");
	refused(130, "\"user_properties\":{\"a\":{\"type\":\"b\"}}");
	refused(130, "\"user_properties\":{\"a\":\"\\u0000\"}");
	refused(130, "\"user_properties\":{\"\\u0001\":\"a\"}");
}

static void a_string_has_up_to_65535_octets(void **state)
{
	char *most = repeat("x", 65535);
	char *type = compose("\"content_type\":\"", most, "\"");
	char *more = compose("\"content_type\":\"y", most, "\"");
	char *user = compose("\"user_properties\":{\"a\":\"y", most, "\"}");
	char *bytes = compose("\"correlation_data\":\"y", most, "\"");

	(void)state;
	assert_slice(properties(type)->content_type, most);
	refused(130, more);
	refused(130, user);
	refused(130, bytes);
	free(bytes);
	free(user);
	free(more);
	free(type);
	free(most);
}

static void an_array_is_a_property_several_times(void **state)
{
	const struct json_properties *users = properties(
	    "\"user_properties\":{\"type\":\"1\",\"b\":[\"2\",\"\",\"3\"],"
	    "\"none\":[],\"payload\":[\"4\"],\"\\u0061\":\"\\u0062\"}");
	static const char *const names[] = { "type", "b",       "b",
		                             "b",    "payload", "a" };
	static const char *const values[] = { "1", "2", "", "3", "4", "b" };

	(void)state;
	assert_int_equal(users->user_property_count, LENGTH(names));
	for (size_t i = 0; i < LENGTH(names); i++) {
		assert_slice(users->user_properties[i].name, names[i]);
		assert_slice(users->user_properties[i].value, values[i]);
	}
}

static void up_to_64_user_properties_are_taken(void **state)
{
	char *values = repeat("\"v\",", 63);
	char *fine = compose("\"user_properties\":{\"a\":[", values, "\"w\"]}");
	char *more = compose("\"user_properties\":{\"b\":\"\",\"a\":[", values,
	                     "\"w\"]}");

	(void)state;
	assert_int_equal(properties(fine)->user_property_count, 64);
	refused(130, more);
	free(more);
	free(fine);
	free(values);
}

static void utf8_that_is_promised_is_checked(void **state)
{
	(void)state;
	frame_refused(153, "1",
	              "{\"type\":\"publish\",\"id\":1,\"topic\":\"a\","
	              "\"payload\":\"/w==\",\"payload_encoding\":\"base64\","
	              "\"properties\":{\"payload_format_indicator\":1}}");
	frame_fine("{\"type\":\"publish\",\"topic\":\"a\",\"payload\":\"/w==\","
	           "\"payload_encoding\":\"base64\","
	           "\"properties\":{\"payload_format_indicator\":0}}");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(an_empty_object_has_none),
		cmocka_unit_test(each_is_read),
		cmocka_unit_test(empty_strings_are_there),
		cmocka_unit_test(correlation_data_may_be_base64),
		cmocka_unit_test(expiry_has_32_bits),
		cmocka_unit_test(wrong_types_are_answered),
		cmocka_unit_test(a_string_has_up_to_65535_octets),
		cmocka_unit_test(an_array_is_a_property_several_times),
		cmocka_unit_test(up_to_64_user_properties_are_taken),
		cmocka_unit_test(utf8_that_is_promised_is_checked),
	};

	return cmocka_run_group_tests(tests, NULL, frame_teardown);
}
