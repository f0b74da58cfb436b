/* SPDX-License-Identifier: Apache-2.0 */
#include "mqtt/filter.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "mqtt/topic.h"

#define TEXT_MAX 32
#define FILTERS_MAX 80
#define TOPICS_MAX 160

static enum mqtt_filter kind_of(const char *text)
{
	struct slice group, filter;

	return mqtt_filter_read(slice_from_text(text), &group, &filter);
}

static bool is_plain(const char *text)
{
	return kind_of(text) == MQTT_FILTER_PLAIN;
}

static bool is_malformed(const char *text)
{
	return kind_of(text) == MQTT_FILTER_MALFORMED;
}

static bool matches(const char *filter, const char *topic)
{
	return mqtt_filter_matches(slice_from_text(filter),
	                           slice_from_text(topic));
}

static bool covers(const char *outer, const char *inner)
{
	return mqtt_filter_covers(slice_from_text(outer),
	                          slice_from_text(inner));
}

static bool overlaps(const char *one, const char *other)
{
	return mqtt_filter_overlaps(slice_from_text(one),
	                            slice_from_text(other));
}

static void plain_and_odd_filters_are_filters(void **state)
{
	(void)state;
	assert_true(is_plain("a"));
	assert_true(is_plain("#"));
	assert_true(is_plain("+"));
	assert_true(is_plain("/"));
	assert_true(is_plain("/#"));
	assert_true(is_plain("+/a//+/#"));
	assert_true(is_plain("$SYS/#"));
	assert_true(is_plain("$shared/a"));
	assert_true(is_plain("$SHARE/a"));
	assert_true(is_plain("a/$share/b"));
}

static void misplaced_wildcards_are_malformed(void **state)
{
	(void)state;
	assert_true(is_malformed("a#"));
	assert_true(is_malformed("#a"));
	assert_true(is_malformed("a/#/b"));
	assert_true(is_malformed("#/"));
	assert_true(is_malformed("a+/b"));
	assert_true(is_malformed("++"));
	assert_true(is_malformed("a/+#"));
}

static void texts_that_are_no_mqtt_strings_are_malformed(void **state)
{
	struct slice nothing = { NULL, 0 };
	struct slice nul = { (const uint8_t *)"a\0b", 3 };
	struct slice group, filter;

	(void)state;
	assert_true(is_malformed(""));
	assert_int_equal(mqtt_filter_read(nothing, &group, &filter),
	                 MQTT_FILTER_MALFORMED);
	assert_int_equal(mqtt_filter_read(nul, &group, &filter),
	                 MQTT_FILTER_MALFORMED);
	assert_true(is_malformed("a\xff"));
	assert_true(is_malformed("a\xc0\xaf"));
	assert_true(is_malformed("a\tb"));
}

static void depth_and_length_are_limited(void **state)
{
	static uint8_t text[MQTT_TOPIC_BYTES + 1];
	struct slice filter = { text, MQTT_TOPIC_LEVELS - 1 };
	struct slice group, inner;

	(void)state;
	memset(text, '/', sizeof(text));
	assert_int_equal(mqtt_filter_read(filter, &group, &inner),
	                 MQTT_FILTER_PLAIN);
	filter.len++;
	assert_int_equal(mqtt_filter_read(filter, &group, &inner),
	                 MQTT_FILTER_MALFORMED);

	memset(text, 'a', sizeof(text));
	filter.len = MQTT_TOPIC_BYTES;
	assert_int_equal(mqtt_filter_read(filter, &group, &inner),
	                 MQTT_FILTER_PLAIN);
	filter.len++;
	assert_int_equal(mqtt_filter_read(filter, &group, &inner),
	                 MQTT_FILTER_MALFORMED);
}

static void shared_filter_is_taken_apart(void **state)
{
	struct slice group, filter;

	(void)state;
	assert_int_equal(
	    mqtt_filter_read(slice_from_text("$share/g/a/#"), &group, &filter),
	    MQTT_FILTER_SHARED);
	assert_true(slice_is(group, "g"));
	assert_true(slice_is(filter, "a/#"));
	assert_int_equal(
	    mqtt_filter_read(slice_from_text("$share/$g//"), &group, &filter),
	    MQTT_FILTER_SHARED);
	assert_true(slice_is(group, "$g"));
	assert_true(slice_is(filter, "/"));
	assert_int_equal(
	    mqtt_filter_read(slice_from_text("a/b"), &group, &filter),
	    MQTT_FILTER_PLAIN);
	assert_int_equal(group.len, 0);
	assert_true(slice_is(filter, "a/b"));
}

static void malformed_share_is_told(void **state)
{
	(void)state;
	assert_true(is_malformed("$share"));
	assert_true(is_malformed("$share/"));
	assert_true(is_malformed("$share//a"));
	assert_true(is_malformed("$share/g"));
	assert_true(is_malformed("$share/g/"));
	assert_true(is_malformed("$share/+/a"));
	assert_true(is_malformed("$share/#"));
	assert_true(is_malformed("$share/g#/a"));
	assert_true(is_malformed("$share/g/$share/h/a"));
	assert_true(is_malformed("$share/g/$share"));
	assert_true(is_malformed("$share/g/a#"));
}

static void malformed_filter_leaves_the_parts_alone(void **state)
{
	struct slice group = slice_from_text("kept");
	struct slice filter = slice_from_text("kept too");

	(void)state;
	assert_int_equal(
	    mqtt_filter_read(slice_from_text("$share/g/a#"), &group, &filter),
	    MQTT_FILTER_MALFORMED);
	assert_true(slice_is(group, "kept"));
	assert_true(slice_is(filter, "kept too"));
}

static void hash_matches_its_parent_and_all_below(void **state)
{
	(void)state;
	assert_true(matches("a/#", "a"));
	assert_true(matches("a/#", "a/"));
	assert_true(matches("a/#", "a/b/c"));
	assert_false(matches("a/#", "ab"));
	assert_false(matches("a/b/#", "a"));
	assert_true(matches("+/#", "a"));
	assert_true(matches("#", "/"));
	assert_true(matches("/#", "/"));
	assert_false(matches("/#", "a"));
}

static void plus_matches_one_level_even_an_empty_one(void **state)
{
	(void)state;
	assert_true(matches("a/+", "a/"));
	assert_true(matches("+/+", "/"));
	assert_true(matches("a/+/c", "a//c"));
	assert_false(matches("a/+", "a"));
	assert_false(matches("+", "a/b"));
	assert_false(matches("a/+/c", "a/b/b/c"));
}

static void wildcards_never_reach_a_dollar_in_front(void **state)
{
	(void)state;
	assert_false(matches("#", "$SYS"));
	assert_false(matches("+/a", "$SYS/a"));
	assert_true(matches("$SYS/#", "$SYS/a"));
	assert_true(matches("a/+", "a/$SYS"));
	assert_false(covers("#", "$SYS/#"));
	assert_false(overlaps("#", "$SYS/#"));
	assert_false(overlaps("$SYS/#", "+/a"));
}

static void both_spellings_of_a_set_are_one(void **state)
{
	(void)state;
	assert_true(covers("#", "+/#"));
	assert_true(covers("+/#", "#"));
	assert_true(covers("/#", "/+/#"));
	assert_true(covers("/+/#", "/#"));
	assert_true(covers("+/+/#", "/#"));
	assert_false(covers("a/+/#", "a/#"));
	assert_false(overlaps("+", "/#"));
}

/* Filters and topics of a small world, to hold all pairs against. */
static char filters[FILTERS_MAX][TEXT_MAX];
static char topics[TOPICS_MAX][TEXT_MAX];
static const char *const levels[] = { "a", "b", "", "$s", "+" };
static const char *const names[] = { "a", "b", "", "$s", "z" };

static size_t make_filters(void)
{
	size_t count = 0;

	snprintf(filters[count++], TEXT_MAX, "#");
	for (size_t i = 0; i < 5; i++) {
		if (levels[i][0] != '\0')
			snprintf(filters[count++], TEXT_MAX, "%s", levels[i]);
		snprintf(filters[count++], TEXT_MAX, "%s/#", levels[i]);
		for (size_t j = 0; j < 5; j++) {
			snprintf(filters[count++], TEXT_MAX, "%s/%s", levels[i],
			         levels[j]);
			snprintf(filters[count++], TEXT_MAX, "%s/%s/#",
			         levels[i], levels[j]);
		}
	}
	assert_true(count <= FILTERS_MAX);
	return count;
}

static size_t make_topics(void)
{
	size_t count = 0;

	for (size_t i = 0; i < 5; i++) {
		if (names[i][0] != '\0')
			snprintf(topics[count++], TEXT_MAX, "%s", names[i]);
		for (size_t j = 0; j < 5; j++) {
			snprintf(topics[count++], TEXT_MAX, "%s/%s", names[i],
			         names[j]);
			for (size_t k = 0; k < 5; k++)
				snprintf(topics[count++], TEXT_MAX, "%s/%s/%s",
				         names[i], names[j], names[k]);
		}
	}
	assert_true(count <= TOPICS_MAX);
	return count;
}

static void check_pair(const char *one, const char *other, size_t topic_count)
{
	bool is_covered = true;
	bool is_shared = false;

	for (size_t i = 0; i < topic_count; i++) {
		bool in_one = matches(one, topics[i]);
		bool in_other = matches(other, topics[i]);

		is_covered = is_covered && (in_one || !in_other);
		is_shared = is_shared || (in_one && in_other);
	}
	if (covers(one, other) != is_covered)
		fail_msg("%s covers %s?", one, other);
	if (overlaps(one, other) != is_shared)
		fail_msg("%s overlaps %s?", one, other);
}

static void covers_and_overlaps_are_exact_in_a_small_world(void **state)
{
	size_t filter_count = make_filters();
	size_t topic_count = make_topics();

	(void)state;
	assert_int_equal(filter_count, 60);
	assert_int_equal(topic_count, 154);
	for (size_t i = 0; i < filter_count; i++) {
		for (size_t j = 0; j < filter_count; j++)
			check_pair(filters[i], filters[j], topic_count);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(plain_and_odd_filters_are_filters),
		cmocka_unit_test(misplaced_wildcards_are_malformed),
		cmocka_unit_test(texts_that_are_no_mqtt_strings_are_malformed),
		cmocka_unit_test(depth_and_length_are_limited),
		cmocka_unit_test(shared_filter_is_taken_apart),
		cmocka_unit_test(malformed_share_is_told),
		cmocka_unit_test(malformed_filter_leaves_the_parts_alone),
		cmocka_unit_test(hash_matches_its_parent_and_all_below),
		cmocka_unit_test(plus_matches_one_level_even_an_empty_one),
		cmocka_unit_test(wildcards_never_reach_a_dollar_in_front),
		cmocka_unit_test(both_spellings_of_a_set_are_one),
		cmocka_unit_test(
		    covers_and_overlaps_are_exact_in_a_small_world),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
