/* SPDX-License-Identifier: Apache-2.0 */
#include "upstream/order.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

static void an_order_says_who_wants_what(void **state)
{
	struct order *order = order_create(ORDER_PUBLISH, UINT64_MAX, 17);

	(void)state;
	assert_non_null(order);
	assert_int_equal(order->type, ORDER_PUBLISH);
	assert_int_equal(order->client, UINT64_MAX);
	assert_int_equal(order->number, 17);
	assert_int_equal(order->filter_count, 0);
	assert_false(order->settings.has_will);
	order_destroy(order);
	order_destroy(NULL);
}

static void its_message_is_its_own(void **state)
{
	struct order *order = order_create(ORDER_PUBLISH, 1, 1);
	char bytes[] = "t/x hello props";
	const uint8_t *at = (const uint8_t *)bytes;
	const struct message message = {
		.topic = { at, 3 },
		.payload = { at + 4, 5 },
		.properties = { at + 10, 5 },
		.qos = 2,
		.is_retained = true,
	};

	(void)state;
	assert_non_null(order);
	assert_true(order_put_message(order, &message));
	memset(bytes, 'x', sizeof bytes);
	assert_true(slice_is(order->message.topic, "t/x"));
	assert_true(slice_is(order->message.payload, "hello"));
	assert_true(slice_is(order->message.properties, "props"));
	assert_int_equal(order->message.qos, 2);
	assert_true(order->message.is_retained);
	order_destroy(order);
}

/* For Paho it is a C string. */
static void a_nul_is_behind_the_topic(void **state)
{
	struct order *order = order_create(ORDER_PUBLISH, 1, 1);
	const struct message message = {
		.topic = { (const uint8_t *)"t/xyz", 3 },
		.payload = slice_from_text("p"),
	};

	(void)state;
	assert_non_null(order);
	assert_true(order_put_message(order, &message));
	assert_string_equal((const char *)order->message.topic.data, "t/x");
	assert_int_equal(order->message.topic.len, 3);
	order_destroy(order);
}

static void an_empty_payload_is_a_message(void **state)
{
	struct order *order = order_create(ORDER_PUBLISH, 1, 1);
	const struct message message = { .topic = slice_from_text("t") };

	(void)state;
	assert_non_null(order);
	assert_true(order_put_message(order, &message));
	assert_int_equal(order->message.payload.len, 0);
	assert_int_equal(order->message.properties.len, 0);
	order_destroy(order);
}

static void its_filters_are_its_own(void **state)
{
	struct order *order = order_create(ORDER_SUBSCRIBE, 1, 1);
	char bytes[] = "a/# b/+/c";
	const uint8_t *at = (const uint8_t *)bytes;

	(void)state;
	assert_non_null(order);
	assert_true(order_put_filters(order, 2));
	assert_int_equal(order->filter_count, 0);
	assert_true(order_put_filter(order, (struct slice){ at, 3 }, 2));
	assert_true(order_put_filter(order, (struct slice){ at + 4, 5 }, 0));
	memset(bytes, 'x', sizeof bytes);
	assert_int_equal(order->filter_count, 2);
	assert_string_equal(order->filters[0].text, "a/#");
	assert_int_equal(order->filters[0].qos, 2);
	assert_string_equal(order->filters[1].text, "b/+/c");
	assert_int_equal(order->filters[1].qos, 0);
	order_destroy(order);
}

/* Memory can end between the room and the filters. */
static void an_order_that_is_half_done_is_given_back(void **state)
{
	struct order *order = order_create(ORDER_SUBSCRIBE, 1, 1);

	(void)state;
	assert_non_null(order);
	assert_true(order_put_filters(order, 3));
	assert_true(order_put_filter(order, slice_from_text("a"), 0));
	order_destroy(order);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(an_order_says_who_wants_what),
		cmocka_unit_test(its_message_is_its_own),
		cmocka_unit_test(a_nul_is_behind_the_topic),
		cmocka_unit_test(an_empty_payload_is_a_message),
		cmocka_unit_test(its_filters_are_its_own),
		cmocka_unit_test(an_order_that_is_half_done_is_given_back),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
