/* SPDX-License-Identifier: Apache-2.0 */
#include "policy/packet_ids.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#define MOST 1024

static void put(struct packet_ids *ids, uint16_t id)
{
	assert_int_equal(packet_ids_put(ids, id, MOST), PACKET_IDS_PUT);
}

static void what_was_put_is_in_until_it_is_dropped(void **state)
{
	struct packet_ids ids = { 0 };

	(void)state;
	put(&ids, 1);
	put(&ids, UINT16_MAX);
	put(&ids, 7);
	assert_true(packet_ids_has(&ids, 1));
	assert_true(packet_ids_has(&ids, UINT16_MAX));
	assert_false(packet_ids_has(&ids, 2));
	assert_true(packet_ids_drop(&ids, 1));
	assert_false(packet_ids_has(&ids, 1));
	assert_true(packet_ids_has(&ids, 7));
	assert_true(packet_ids_has(&ids, UINT16_MAX));
	assert_false(packet_ids_drop(&ids, 1));
	packet_ids_finish(&ids);
}

static void one_id_is_in_once(void **state)
{
	struct packet_ids ids = { 0 };

	(void)state;
	put(&ids, 9);
	put(&ids, 9);
	assert_int_equal(ids.count, 1);
	assert_true(packet_ids_drop(&ids, 9));
	assert_false(packet_ids_has(&ids, 9));
}

static void an_empty_set_holds_no_memory(void **state)
{
	struct packet_ids ids = { 0 };

	(void)state;
	for (uint16_t id = 1; id <= 100; id++)
		put(&ids, id);
	for (uint16_t id = 1; id <= 100; id++)
		assert_true(packet_ids_drop(&ids, id));
	assert_null(ids.list);
	put(&ids, 5);
	assert_true(packet_ids_has(&ids, 5));
	packet_ids_finish(&ids);
	assert_null(ids.list);
	assert_int_equal(ids.count, 0);
}

static void it_takes_so_many_and_no_more(void **state)
{
	struct packet_ids ids = { 0 };

	(void)state;
	for (uint16_t id = 1; id <= MOST; id++)
		put(&ids, id);
	assert_int_equal(packet_ids_put(&ids, MOST + 1, MOST), PACKET_IDS_FULL);
	assert_false(packet_ids_has(&ids, MOST + 1));
	assert_int_equal(ids.count, MOST);
	put(&ids, MOST); /* is in already */
	assert_true(packet_ids_drop(&ids, 3));
	put(&ids, MOST + 1);
	packet_ids_finish(&ids);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_was_put_is_in_until_it_is_dropped),
		cmocka_unit_test(one_id_is_in_once),
		cmocka_unit_test(an_empty_set_holds_no_memory),
		cmocka_unit_test(it_takes_so_many_and_no_more),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
