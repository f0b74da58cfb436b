/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A judge with a route made by hand, for the tests of the judge: packets go
 * through a scanner and then before it, and what comes of them is compared
 * octet for octet. No file is read.
 */
#pragma once

#include "base/slice.h"
#include "config/config.h"
#include "mqtt/protocol.h"
#include "policy/judge.h"
#include "policy/policy.h"
#include "policy/verdict.h"

#define PACKET(octets)                                                         \
	((struct slice){ (const uint8_t *)(octets), sizeof(octets) - 1 })
#define RULES(...) ((const char *const[]){ __VA_ARGS__, NULL })

#define UP MQTT_SENDER_CLIENT
#define DOWN MQTT_SENDER_SERVER

/* PUBLISH of t/x, packet id 0x1234, "hi": in MQTT 3, and in MQTT 5. */
#define QOS_0 PACKET("\x30\x07\x00\x03t/xhi")
#define QOS_1 PACKET("\x32\x09\x00\x03t/x\x12\x34hi")
#define QOS_2 PACKET("\x34\x09\x00\x03t/x\x12\x34hi")
#define QOS_2_AGAIN PACKET("\x3c\x09\x00\x03t/x\x12\x34hi")
#define QOS_0_5 PACKET("\x30\x08\x00\x03t/x\x00hi")
#define QOS_1_5 PACKET("\x32\x0a\x00\x03t/x\x12\x34\x00hi")
#define QOS_2_5 PACKET("\x34\x0a\x00\x03t/x\x12\x34\x00hi")
#define PUBREL PACKET("\x62\x02\x12\x34")

/* A test whose state is a trial of its own. */
#define TRIAL_TEST(name)                                                       \
	cmocka_unit_test_setup_teardown(name, trial_set_up, trial_tear_down)

#define TRIAL_SESSION "w1-7" /* the fresh name of the session */

struct trial {
	struct config_upstream upstream;
	struct config_route config;
	struct policy_route route;
	struct judge judge;
	struct verdict verdict;
	unsigned denied[DENIALS]; /* how often */
	bool is_begun;
};

/* A route with the defaults of the configuration, and without an ACL. */
void trial_init(struct trial *trial);
void trial_finish(struct trial *trial);

/* The same, for TRIAL_TEST. */
int trial_set_up(void **state);
int trial_tear_down(void **state);

/* Change the route before a CONNECT. */
void trial_set_rules(struct trial *trial, const char *const *rules);
void trial_set_client_id(struct trial *trial, const char *setting);
void trial_set_login(struct trial *trial, const char *username,
                     const char *password);

/* A new session whose CONNECT is `packet`: the verdict is in the trial. */
void trial_connect(struct trial *trial, struct slice packet);

/* A session of client "c1", user "alice", that has entered. */
void trial_begin(struct trial *trial, uint8_t level);

/* Sends the packet, payload included, before the judge. */
void trial_judge(struct trial *trial, enum mqtt_sender from,
                 struct slice packet);

/* What must come of the next packet. */
void expect_pass(struct trial *trial, enum mqtt_sender from,
                 struct slice packet);
void expect_drop(struct trial *trial, enum mqtt_sender from,
                 struct slice packet);
void expect_answer(struct trial *trial, enum mqtt_sender from,
                   struct slice packet, struct slice answer);
void expect_replaced(struct trial *trial, enum mqtt_sender from,
                     struct slice packet, struct slice instead);
void expect_close(struct trial *trial, enum mqtt_sender from,
                  struct slice packet, enum close_reason reason);

/*
 * What must come of the three messages above, in the version of the session:
 * they pass, and so does their PUBREL; or they go no further and are
 * acknowledged as if they had, without a reason.
 */
void expect_publishes_pass(struct trial *trial, enum mqtt_sender from);
void expect_taken(struct trial *trial, enum mqtt_sender from);

/* In MQTT 3: a refused QoS 2 message goes its whole way with the gateway. */
void expect_finished(struct trial *trial, enum mqtt_sender from);

void expect_octets(struct slice found, struct slice wanted);
