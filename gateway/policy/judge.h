/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Judges each packet of a session, both ways: may it pass, what passes in its
 * stead, what does its sender hear (origin-and-acl.md section 6).
 *
 * It is handed the heads that the scanner finds, and holds no more of the
 * MQTT session than it needs to answer for what it refused. It never makes up
 * a packet identifier. Pure: no clock, no socket, no log.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "base/denial.h"
#include "base/slice.h"
#include "policy/acl.h"
#include "policy/entry.h"
#include "policy/packet_ids.h"
#include "policy/subscriptions.h"
#include "policy/verdict.h"

struct policy_route;

#define JUDGE_OPEN_MOST 1024 /* QoS 2 that we finish ourselves, each way */

struct judge_events {
	/* A topic, or a filter, was refused to the session. */
	void (*on_denied)(void *owner, enum denial denial, struct slice topic);
};

struct judge {
	const struct policy_route *route;
	const struct judge_events *events;
	void *owner;
	struct entry entry;
	struct acl_grant grant; /* where the route has an ACL */
	struct slice own_topic; /* nobody else knows it, always allowed: where
	                           a client of ours gets its responses */
	bool checks_delivery;
	bool forbids_alias;
	struct subscriptions subscriptions;
	struct packet_ids refused;   /* QoS 2 of the browser, ours to finish */
	struct packet_ids withheld;  /* QoS 2 of the broker, ours to finish */
	struct packet_ids published; /* QoS 2 of the browser under way */
};

/* Borrows all three for the judge's life. */
void judge_init(struct judge *judge, const struct policy_route *route,
                const struct judge_events *events, void *owner);
void judge_finish(struct judge *judge);

/*
 * The CONNECT of a session whose fresh name is `session`; sets judge->entry.
 * What comes of it is PASS, REPLACE or CLOSE.
 */
void judge_connect(struct judge *judge, struct slice packet,
                   const char *session, struct verdict *verdict);

/*
 * The head of each later packet from the browser, from the broker. `verdict`
 * is zero or the last one; policy/judge_browser.c, policy/judge_broker.c.
 */
void judge_from_browser(struct judge *judge, struct slice head,
                        struct verdict *verdict);
void judge_from_broker(struct judge *judge, struct slice head,
                       struct verdict *verdict);

/* For the files of the judge: whether the client may get it. */
bool judge_may_receive(const struct judge *judge, struct slice topic);

/* For the files of the judge: tells of a refusal; always false. */
bool judge_deny(const struct judge *judge, enum denial denial,
                struct slice topic);
