/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Laws of the judge between a browser and a broker that say what they like:
 * what comes of it does not depend on how the streams are cut, what goes on
 * is good MQTT that the route allows (judge_laws.h), whoever is refused is
 * answered under his own packet identifier, and what is kept is bounded.
 *
 * The first octets of the input choose the route and the cuts; the rest are
 * a script of what both sides send (judge_script.h).
 */
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/backlog.h"
#include "config/config.h"
#include "judge_bench.h"
#include "judge_laws.h"
#include "judge_script.h"
#include "mqtt/protocol.h"
#include "mqtt/reader.h"
#include "mqtt/scanner.h"
#include "mqtt/suback.h"
#include "mqtt/subscribe.h"
#include "policy/judge.h"
#include "session/flow.h"

#define CUTS 4
#define PREFIX (BENCH_OCTETS + CUTS)
#define REFUSED_MOST 1024

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* A session, as session/relay has it, but with wires that never are full */

struct asked {
	uint16_t packet_id;
	size_t filters;
};

struct run {
	const struct bench *bench;
	struct judge judge;
	struct flow flows[2];    /* by their sender */
	struct backlog wires[2]; /* what its sender's flow came to */
	size_t passed[2];        /* octets of it that its sender sent */
	size_t answered[2];      /* and those of the judge */
	size_t connect_len; /* at the start of the browser's; 0: none yet */
	bool has_disconnect;
	enum close_reason end;
	uint8_t code5;
	uint64_t denied; /* a sum of all that was */
	struct asked asked[SUBSCRIPTIONS_PENDING];
	size_t asked_count;
};

static void on_denied(void *owner, enum denial denial, struct slice topic)
{
	struct run *run = owner;

	run->denied = (run->denied + (unsigned)denial + 1) * 31;
	for (size_t i = 0; i < topic.len; i++)
		run->denied = (run->denied + topic.data[i]) * 31;
}

static const struct judge_events events = { .on_denied = on_denied };

static void put(struct run *run, enum mqtt_sender from, struct slice octets)
{
	LAW(backlog_put(&run->wires[from], octets));
}

static void forward(struct run *run, enum mqtt_sender from, struct slice octets)
{
	put(run, from, octets);
	run->passed[from] += octets.len;
}

static void settle(struct run *run, enum mqtt_sender from)
{
	struct flow *flow = &run->flows[from];
	struct slice owed = backlog_peek(&flow->owed);

	if (!flow_owes(flow))
		return;
	put(run, from, owed);
	backlog_drop(&flow->owed, owed.len);
}

/* Of a packet that has one there; a PUBLISH keeps it behind its topic. */
static uint16_t packet_id_of(struct slice packet)
{
	struct slice topic;
	uint32_t remaining;
	uint16_t id;
	uint8_t first;

	LAW(mqtt_reader_u8(&packet, &first));
	LAW(mqtt_reader_varint(&packet, &remaining) == MQTT_VARINT_OK);
	if (mqtt_type_of(first) == MQTT_PUBLISH)
		LAW(mqtt_reader_binary(&packet, &topic));
	LAW(mqtt_reader_u16(&packet, &id));
	return id;
}

/* Laws of a single verdict */

static void check_whole(struct slice packet, enum mqtt_sender from,
                        uint8_t level)
{
	struct mqtt_scanner scanner;
	struct slice out;

	mqtt_scanner_init(&scanner, from, MQTT_REMAINING_MAX,
	                  MQTT_REMAINING_MAX);
	scanner.level = level;
	LAW(mqtt_scan(&scanner, &packet, &out) == MQTT_SCAN_HEAD);
	LAW(packet.len == 0 && scanner.body_left == 0);
	mqtt_scanner_finish(&scanner);
}

static enum mqtt_type answer_to(struct slice head)
{
	switch ((int)mqtt_type_of(head.data[0])) {
	case MQTT_PUBLISH:
		return mqtt_qos_of(head.data[0]) == 1 ? MQTT_PUBACK
		                                      : MQTT_PUBREC;
	case MQTT_PUBREL:
		return MQTT_PUBCOMP;
	case MQTT_SUBSCRIBE:
		return MQTT_SUBACK;
	default:
		abort();
	}
}

static void check_answer(const struct run *run, enum mqtt_sender from,
                         struct slice head, const struct verdict *verdict)
{
	bool is_publish = mqtt_type_of(head.data[0]) == MQTT_PUBLISH;
	enum mqtt_sender back = from == MQTT_SENDER_CLIENT ? MQTT_SENDER_SERVER
	                                                   : MQTT_SENDER_CLIENT;
	struct slice answer = verdict->answer;

	if (verdict->ruling == VERDICT_CLOSE)
		return;
	LAW((verdict->ruling == VERDICT_DROP) ==
	    (answer.len > 0 || (is_publish && mqtt_qos_of(head.data[0]) == 0 &&
	                        verdict->ruling == VERDICT_DROP)));
	if (answer.len == 0)
		return;
	check_whole(answer, back, run->judge.entry.level);
	LAW(mqtt_type_of(answer.data[0]) == answer_to(head));
	LAW(packet_id_of(answer) == packet_id_of(head));
}

static void check_replaced(const struct run *run, enum mqtt_sender from,
                           struct slice head, const struct verdict *verdict)
{
	enum mqtt_type type = mqtt_type_of(head.data[0]);

	if (verdict->ruling != VERDICT_REPLACE)
		return;
	check_whole(verdict->packet, from, run->judge.entry.level);
	LAW(mqtt_type_of(verdict->packet.data[0]) == type);
	if (type == MQTT_SUBSCRIBE || type == MQTT_SUBACK)
		LAW(packet_id_of(verdict->packet) == packet_id_of(head));
}

static size_t count_codes(const struct run *run, struct slice packet)
{
	struct mqtt_suback suback;

	LAW(mqtt_suback_read(packet, run->judge.entry.level, &suback) ==
	    MQTT_FAULT_NONE);
	return suback.codes.len;
}

/* The browser hears of each of its filters, and once. */
static void check_subscribe(struct run *run, struct slice head,
                            const struct verdict *verdict)
{
	struct mqtt_subscribe asked;

	if (verdict->ruling == VERDICT_CLOSE)
		return;
	LAW(mqtt_subscribe_read(head, run->judge.entry.level, &asked) ==
	    MQTT_FAULT_NONE);
	if (verdict->ruling == VERDICT_DROP) {
		LAW(count_codes(run, verdict->answer) == asked.count);
		return;
	}
	LAW(run->asked_count < SUBSCRIPTIONS_PENDING);
	run->asked[run->asked_count++] =
	    (struct asked){ asked.packet_id, asked.count };
}

static void check_suback(struct run *run, struct slice head,
                         const struct verdict *verdict)
{
	bool is_ours = verdict->ruling == VERDICT_REPLACE;
	struct slice packet = is_ours ? verdict->packet : head;
	size_t at = 0;

	if (verdict->ruling == VERDICT_CLOSE)
		return;
	while (at < run->asked_count &&
	       run->asked[at].packet_id != packet_id_of(packet))
		at++;
	LAW(at < run->asked_count);
	LAW(count_codes(run, packet) == run->asked[at].filters);
	run->asked[at] = run->asked[--run->asked_count];
}

static void check_bounds(const struct judge *judge)
{
	const struct config_route *config = judge->route->config;
	uint32_t held = config->limits.subscriptions;

	LAW(judge->subscriptions.pending_count <= SUBSCRIPTIONS_PENDING);
	LAW(held > 0 ? judge->subscriptions.held_count <= held
	             : judge->subscriptions.held_count == 0);
	LAW(judge->refused.count <= REFUSED_MOST);
	LAW(judge->published.count <= config->receive_max);
}

static void check_verdict(struct run *run, enum mqtt_sender from,
                          struct slice head, const struct verdict *verdict)
{
	enum mqtt_type type = mqtt_type_of(head.data[0]);

	check_answer(run, from, head, verdict);
	check_replaced(run, from, head, verdict);
	if (type == MQTT_SUBSCRIBE)
		check_subscribe(run, head, verdict);
	else if (type == MQTT_SUBACK)
		check_suback(run, head, verdict);
	check_bounds(&run->judge);
}

/* The relay */

static void carry_out(struct run *run, enum mqtt_sender from, struct slice head,
                      const struct verdict *verdict)
{
	if (verdict->ruling == VERDICT_CLOSE) {
		run->end = verdict->reason;
		run->code5 = verdict->code5;
		return;
	}
	if (verdict->ruling != VERDICT_DROP)
		forward(run, from,
		        verdict->ruling == VERDICT_REPLACE ? verdict->packet
		                                           : head);
}

static void pass_connect(struct run *run, struct slice head,
                         struct verdict *verdict)
{
	judge_connect(&run->judge, head, "w1-7", verdict);
	LAW(verdict->ruling != VERDICT_DROP && verdict->answer.len == 0);
	run->flows[MQTT_SENDER_CLIENT].scanner.level = run->judge.entry.level;
	run->flows[MQTT_SENDER_SERVER].scanner.level = run->judge.entry.level;
	carry_out(run, MQTT_SENDER_CLIENT, head, verdict);
	run->connect_len = backlog_peek(&run->wires[MQTT_SENDER_CLIENT]).len;
	LAW((run->connect_len > 0) == (run->end == CLOSE_NONE));
}

static void pass_head(struct run *run, enum mqtt_sender from, struct slice head,
                      struct verdict *verdict)
{
	struct flow *flow = &run->flows[from];
	struct flow *back = &run->flows[1 - from];
	bool is_browser = from == MQTT_SENDER_CLIENT;

	if (run->connect_len == 0) {
		pass_connect(run, head, verdict);
		return;
	}
	settle(run, from);
	if (is_browser)
		judge_from_browser(&run->judge, head, verdict);
	else
		judge_from_broker(&run->judge, head, verdict);
	check_verdict(run, from, head, verdict);
	flow->is_dropping = verdict->ruling == VERDICT_DROP;
	carry_out(run, from, head, verdict);
	if (is_browser)
		run->has_disconnect =
		    mqtt_type_of(head.data[0]) == MQTT_DISCONNECT;
	if (run->end != CLOSE_NONE)
		return;
	LAW(flow_answer(flow, back, verdict->answer));
	run->answered[1 - from] += verdict->answer.len;
}

static void pass_body(struct run *run, enum mqtt_sender from, struct slice body)
{
	struct flow *flow = &run->flows[from];

	if (flow->is_dropping)
		LAW(flow_answer_late(flow, &run->flows[1 - from]));
	else
		forward(run, from, body);
}

static enum close_reason fault(enum mqtt_sender from, enum mqtt_scan seen)
{
	LAW(seen == MQTT_SCAN_MALFORMED || seen == MQTT_SCAN_TOO_LARGE);
	if (from == MQTT_SENDER_SERVER)
		return CLOSE_UPSTREAM_GARBAGE;
	return seen == MQTT_SCAN_TOO_LARGE ? CLOSE_TOO_LARGE : CLOSE_MALFORMED;
}

static void pass(struct run *run, enum mqtt_sender from, struct slice in)
{
	struct mqtt_scanner *scanner = &run->flows[from].scanner;
	struct verdict verdict;
	struct slice out;
	enum mqtt_scan seen;

	verdict_init(&verdict);
	while (run->end == CLOSE_NONE &&
	       !(from == MQTT_SENDER_CLIENT && run->has_disconnect) &&
	       (seen = mqtt_scan(scanner, &in, &out)) != MQTT_SCAN_MORE) {
		if (seen == MQTT_SCAN_HEAD)
			pass_head(run, from, out, &verdict);
		else if (seen == MQTT_SCAN_BODY)
			pass_body(run, from, out);
		else
			run->end = fault(from, seen);
	}
	verdict_clear(&verdict);
	for (int side = 0; side < 2; side++) {
		if (flow_is_at_border(&run->flows[side]))
			settle(run, (enum mqtt_sender)side);
	}
}

/* In memory of its own, so that nobody reads over its end. */
static void feed(struct run *run, enum mqtt_sender from, struct slice octets)
{
	uint8_t *copy = malloc(octets.len);

	LAW(copy != NULL);
	memcpy(copy, octets.data, octets.len);
	pass(run, from, (struct slice){ copy, octets.len });
	free(copy);
}

/* `cuts` NULL: each piece whole. */
static void play(struct run *run, const struct bench *bench,
                 struct slice script_octets, const uint8_t *cuts)
{
	struct script script = { .rest = script_octets };
	const struct config_limits *limits = &bench->config.limits;
	struct piece piece;
	size_t cut = 0;

	*run = (struct run){ .bench = bench };
	judge_init(&run->judge, &bench->route, &events, run);
	mqtt_scanner_init(&run->flows[MQTT_SENDER_CLIENT].scanner,
	                  MQTT_SENDER_CLIENT, limits->packet_bytes,
	                  limits->head_bytes);
	mqtt_scanner_init(&run->flows[MQTT_SENDER_SERVER].scanner,
	                  MQTT_SENDER_SERVER, MQTT_REMAINING_MAX,
	                  limits->head_bytes);
	while (run->end == CLOSE_NONE && script_next(&script, &piece)) {
		/* Before a CONNECT nobody is there. */
		if (piece.from == MQTT_SENDER_SERVER && run->connect_len == 0)
			continue;
		while (piece.octets.len > 0 && run->end == CLOSE_NONE) {
			size_t len =
			    cuts ? cuts[cut++ % CUTS] + 1u : piece.octets.len;

			if (len > piece.octets.len)
				len = piece.octets.len;
			feed(run, piece.from, slice_take(&piece.octets, len));
		}
	}
}

static void drop(struct run *run)
{
	judge_finish(&run->judge);
	for (int side = 0; side < 2; side++) {
		flow_finish(&run->flows[side]);
		backlog_finish(&run->wires[side]);
	}
}

static void check_same(const struct run *a, const struct run *b)
{
	LAW(a->end == b->end);
	LAW(a->code5 == b->code5);
	LAW(a->denied == b->denied);
	for (int side = 0; side < 2; side++)
		LAW(slice_equals(backlog_peek(&a->wires[side]),
		                 backlog_peek(&b->wires[side])));
}

/* Each answer goes out once, or waits. */
static void check_sums(const struct run *run)
{
	for (int side = 0; side < 2; side++)
		LAW(run->passed[side] + run->answered[side] ==
		    backlog_peek(&run->wires[side]).len +
		        backlog_peek(&run->flows[side].owed).len +
		        run->flows[1 - side].late_len);
}

static void check_wires(const struct run *run)
{
	struct slice to_broker = backlog_peek(&run->wires[MQTT_SENDER_CLIENT]);
	struct slice to_browser = backlog_peek(&run->wires[MQTT_SENDER_SERVER]);
	struct slice connect = to_broker;

	connect.len = run->connect_len;
	laws_check_broker(&run->bench->route, to_broker);
	if (run->connect_len > 0)
		laws_check_browser(&run->bench->route, to_browser, connect);
	else
		LAW(to_broker.len == 0 && to_browser.len == 0);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const uint8_t single[CUTS] = { 0 };
	struct bench bench;
	struct run whole, cut, octets;

	if (size <= PREFIX)
		return 0;

	struct slice script = { data + PREFIX, size - PREFIX };

	bench_init(&bench, data);
	play(&whole, &bench, script, NULL);
	play(&cut, &bench, script, data + BENCH_OCTETS);
	play(&octets, &bench, script, single);
	check_same(&whole, &cut);
	check_same(&whole, &octets);
	check_sums(&whole);
	check_sums(&octets);
	check_wires(&whole);
	drop(&whole);
	drop(&cut);
	drop(&octets);
	bench_finish(&bench);
	return 0;
}
