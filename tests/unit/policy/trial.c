/* SPDX-License-Identifier: Apache-2.0 */
#include "trial.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "mqtt/scanner.h"
#include "policy/acl.h"

#define RULES_MAX 16
#define HEAD_BYTES 0x20000
#define BYTES(octets)                                                          \
	{                                                                      \
		(const uint8_t *)(octets), sizeof(octets) - 1                  \
	}

static void on_denied(void *owner, enum denial denial, struct slice topic)
{
	struct trial *trial = owner;

	assert_in_range(denial, 0, DENIALS - 1);
	assert_non_null(topic.data);
	trial->denied[denial]++;
}

static const struct judge_events events = { .on_denied = on_denied };

void trial_init(struct trial *trial)
{
	*trial = (struct trial){
		.config = { .persistent = true,
		            .max_keepalive_s = 300,
		            .receive_max = 20,
		            .limits = { .subscriptions = 64 } },
	};
	verdict_init(&trial->verdict);
	trial->route.config = &trial->config;
	trial->route.upstream = &trial->upstream;
}

static void end(struct trial *trial)
{
	if (trial->is_begun)
		judge_finish(&trial->judge);
	verdict_clear(&trial->verdict);
	trial->is_begun = false;
}

void trial_finish(struct trial *trial)
{
	end(trial);
	acl_destroy(trial->route.acl);
	free(trial->upstream.username.value);
	free(trial->upstream.password);
}

int trial_set_up(void **state)
{
	static struct trial trial;

	trial_init(&trial);
	*state = &trial;
	return 0;
}

int trial_tear_down(void **state)
{
	trial_finish(*state);
	return 0;
}

void trial_set_rules(struct trial *trial, const char *const *rules)
{
	struct config_text list[RULES_MAX] = { 0 };
	struct config_acl acl = { .rules = { .list = list } };

	for (; *rules; rules++) {
		assert_true(acl.rules.count < RULES_MAX);
		list[acl.rules.count++].value = (char *)(uintptr_t)*rules;
	}
	acl_destroy(trial->route.acl);
	trial->route.acl = acl_create(&acl);
	assert_non_null(trial->route.acl);
}

void trial_set_client_id(struct trial *trial, const char *setting)
{
	assert_int_equal(
	    client_id_read(slice_from_text(setting), &trial->route.client_id),
	    CLIENT_ID_FINE);
}

void trial_set_login(struct trial *trial, const char *username,
                     const char *password)
{
	struct config_upstream *upstream = &trial->upstream;

	upstream->inject = true;
	upstream->username.value = strdup(username);
	assert_non_null(upstream->username.value);
	if (!password)
		return;
	upstream->password = (uint8_t *)strdup(password);
	upstream->password_len = strlen(password);
	assert_non_null(upstream->password);
}

/* The octets are in memory of their own, so that no reader runs over them. */
void trial_judge(struct trial *trial, enum mqtt_sender from,
                 struct slice packet)
{
	uint8_t *copy = malloc(packet.len);
	struct slice in = { copy, packet.len };
	struct mqtt_scanner scanner;
	struct slice head;

	assert_non_null(copy);
	memcpy(copy, packet.data, packet.len);
	mqtt_scanner_init(&scanner, from, MQTT_REMAINING_MAX, HEAD_BYTES);
	scanner.level = trial->judge.entry.level;
	assert_int_equal(mqtt_scan(&scanner, &in, &head), MQTT_SCAN_HEAD);
	assert_int_equal(scanner.body_left, in.len);
	if (from == MQTT_SENDER_CLIENT)
		judge_from_browser(&trial->judge, head, &trial->verdict);
	else
		judge_from_broker(&trial->judge, head, &trial->verdict);
	mqtt_scanner_finish(&scanner);
	free(copy);
}

void trial_connect(struct trial *trial, struct slice packet)
{
	end(trial);
	judge_init(&trial->judge, &trial->route, &events, trial);
	trial->is_begun = true;
	judge_connect(&trial->judge, packet, TRIAL_SESSION, &trial->verdict);
}

void trial_begin(struct trial *trial, uint8_t level)
{
	static const struct slice connects[] = {
		[MQTT_LEVEL_3_1] = BYTES("\x10\x17\x00\x06MQIsdp\x03\x82"
		                         "\x00\x3c\x00\x02\x63\x31"
		                         "\x00\x05"
		                         "alice"),
		[MQTT_LEVEL_3_1_1] = BYTES("\x10\x15\x00\x04MQTT\x04\x82"
		                           "\x00\x3c\x00\x02\x63\x31"
		                           "\x00\x05"
		                           "alice"),
		[MQTT_LEVEL_5] = BYTES("\x10\x16\x00\x04MQTT\x05\x82"
		                       "\x00\x3c\x00\x00\x02\x63\x31"
		                       "\x00\x05"
		                       "alice"),
	};

	trial_connect(trial, connects[level]);
	assert_int_not_equal(trial->verdict.ruling, VERDICT_CLOSE);
	assert_int_equal(trial->judge.entry.level, level);
}

void expect_octets(struct slice found, struct slice wanted)
{
	assert_int_equal(found.len, wanted.len);
	assert_memory_equal(found.data, wanted.data, wanted.len);
}

void expect_pass(struct trial *trial, enum mqtt_sender from,
                 struct slice packet)
{
	trial_judge(trial, from, packet);
	assert_int_equal(trial->verdict.ruling, VERDICT_PASS);
	assert_int_equal(trial->verdict.answer.len, 0);
}

void expect_drop(struct trial *trial, enum mqtt_sender from,
                 struct slice packet)
{
	trial_judge(trial, from, packet);
	assert_int_equal(trial->verdict.ruling, VERDICT_DROP);
	assert_int_equal(trial->verdict.answer.len, 0);
}

void expect_answer(struct trial *trial, enum mqtt_sender from,
                   struct slice packet, struct slice answer)
{
	trial_judge(trial, from, packet);
	assert_int_equal(trial->verdict.ruling, VERDICT_DROP);
	expect_octets(trial->verdict.answer, answer);
}

void expect_replaced(struct trial *trial, enum mqtt_sender from,
                     struct slice packet, struct slice instead)
{
	trial_judge(trial, from, packet);
	assert_int_equal(trial->verdict.ruling, VERDICT_REPLACE);
	assert_int_equal(trial->verdict.answer.len, 0);
	expect_octets(trial->verdict.packet, instead);
}

void expect_close(struct trial *trial, enum mqtt_sender from,
                  struct slice packet, enum close_reason reason)
{
	trial_judge(trial, from, packet);
	assert_int_equal(trial->verdict.ruling, VERDICT_CLOSE);
	assert_int_equal(trial->verdict.reason, reason);
}

/* PUBLISH in the version of the session. */
static struct slice publish(const struct trial *trial, unsigned qos)
{
	const struct slice old[] = { QOS_0, QOS_1, QOS_2 };
	const struct slice new[] = { QOS_0_5, QOS_1_5, QOS_2_5 };

	return trial->judge.entry.level == MQTT_LEVEL_5 ? new[qos] : old[qos];
}

void expect_publishes_pass(struct trial *trial, enum mqtt_sender from)
{
	for (unsigned qos = 0; qos <= 2; qos++)
		expect_pass(trial, from, publish(trial, qos));
	expect_pass(trial, from, PUBREL);
}

void expect_taken(struct trial *trial, enum mqtt_sender from)
{
	expect_drop(trial, from, publish(trial, 0));
	expect_answer(trial, from, publish(trial, 1),
	              PACKET("\x40\x02\x12\x34"));
	expect_answer(trial, from, publish(trial, 2),
	              PACKET("\x50\x02\x12\x34"));
}

void expect_finished(struct trial *trial, enum mqtt_sender from)
{
	expect_answer(trial, from, QOS_2, PACKET("\x50\x02\x12\x34"));
	expect_answer(trial, from, QOS_2_AGAIN, PACKET("\x50\x02\x12\x34"));
	expect_pass(trial, from, PACKET("\x62\x02\x12\x35"));
	expect_answer(trial, from, PUBREL, PACKET("\x70\x02\x12\x34"));
	expect_pass(trial, from, PUBREL);
}
