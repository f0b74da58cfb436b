/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The tables of ACL cases, row by row, on the wire: each becomes a CONNECT
 * and a packet, and its column `answer` is what the judge makes of that.
 */
#include "policy/judge.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

#include <cmocka.h>

#include "acl_case.h"
#include "mqtt/compose.h"
#include "mqtt/connect.h"
#include "mqtt/suback.h"
#include "mqtt/subscribe.h"
#include "mqtt/utf8.h"
#include "mqtt/writer.h"
#include "table.h"
#include "trial.h"

#define PIECES_MAX 16
#define PACKET_BYTES 0x12000
#define ANSWER_BYTES 64
#define PACKET_ID 0x0102

struct row {
	char *columns[ACL_COLUMNS];
	const char *rules[PIECES_MAX + 1];
	struct mqtt_connect connect;
	uint8_t level;
	uint8_t qos;
	bool is_not_for_wires; /* an identity that no CONNECT can carry */
	struct slice arguments[PIECES_MAX]; /* several for `subm` only */
	size_t argument_count;
	struct slice codes; /* what the broker says to them */
	uint8_t octets[PACKET_BYTES];
	char answer[ANSWER_BYTES]; /* what came of it */
};

/* Reading */

static void read_identity(struct row *row)
{
	struct mqtt_connect *connect = &row->connect;
	char *rest = row->columns[IDENTITY];

	*connect = (struct mqtt_connect){ .level = row->level,
		                          .clean = true,
		                          .keep_alive_s = 60 };
	while (rest) {
		char *value = table_take(&rest, " ");
		char *name = strsep(&value, "=");

		if (strcmp(name, "user") == 0) {
			connect->has_username = true;
			connect->username = table_unescape(value);
		} else if (strcmp(name, "client") == 0) {
			connect->client_id = table_unescape(value);
		} else {
			row->is_not_for_wires = true;
		}
	}
	if (!mqtt_utf8_is_string(connect->username) ||
	    !mqtt_utf8_is_string(connect->client_id) ||
	    (row->level == 3 && connect->client_id.len == 0))
		row->is_not_for_wires = true;
}

static void read_rules(struct row *row)
{
	char *pieces[PIECES_MAX];
	size_t pieces_count =
	    table_split(row->columns[ACL], " ;; ", pieces, PIECES_MAX);
	size_t count = 0;

	for (size_t i = 0; i < pieces_count; i++) {
		if (strcmp(pieces[i], "overlap=refuse") == 0)
			continue;
		(void)table_unescape(pieces[i]);
		row->rules[count++] = pieces[i];
	}
	row->rules[count] = NULL;
}

/* "01 02" are two octets. */
static struct slice read_codes(char *text)
{
	size_t count = 0;

	for (const char *in = text; *in != '\0' && *in != '-'; in += 2) {
		if (*in == ' ')
			in++;
		text[count++] = table_octet(in);
	}
	return (struct slice){ (uint8_t *)text, count };
}

static void read_arguments(struct row *row)
{
	char *rest = row->columns[ARGUMENT];

	row->argument_count = 0;
	if (strcmp(row->columns[OP], "subm") != 0) {
		row->arguments[row->argument_count++] = table_unescape(rest);
		return;
	}

	char *filters = table_take(&rest, " => ");

	row->codes = read_codes(rest);
	while (filters) {
		assert_true(row->argument_count < PIECES_MAX);
		row->arguments[row->argument_count++] =
		    table_unescape(table_take(&filters, " ;; "));
	}
}

/* Writing */

static bool is_op(const struct row *row, const char *op)
{
	return strcmp(row->columns[OP], op) == 0;
}

static struct slice finish_packet(uint8_t first, const struct mqtt_writer *body)
{
	static uint8_t packet[PACKET_BYTES + 8];
	struct mqtt_writer writer;

	assert_false(body->is_full);
	mqtt_writer_init(&writer, packet, sizeof packet);
	mqtt_write_u8(&writer, first);
	mqtt_write_varint(&writer, (uint32_t)body->len);
	mqtt_write_bytes(&writer, mqtt_writer_written(body));
	assert_false(writer.is_full);
	return mqtt_writer_written(&writer);
}

/* `response`: a Response Topic, or an empty slice for none. */
static struct slice write_publish(struct row *row, struct slice topic,
                                  struct slice response)
{
	uint8_t retain = is_op(row, "pubr") ? MQTT_FLAG_RETAIN : 0;
	struct mqtt_writer body;

	mqtt_writer_init(&body, row->octets, sizeof row->octets);
	mqtt_write_string(&body, topic);
	if (row->qos > 0)
		mqtt_write_u16(&body, PACKET_ID);
	if (row->level == 5 && is_op(row, "rtopic")) {
		mqtt_write_varint(&body, (uint32_t)(3 + response.len));
		mqtt_write_u8(&body, 0x08);
		mqtt_write_string(&body, response);
	} else if (row->level == 5) {
		mqtt_write_u8(&body, 0);
	}
	mqtt_write_bytes(&body, slice_from_text("payload"));
	return finish_packet((uint8_t)(0x30 | row->qos << 1 | retain), &body);
}

static struct slice write_subscribe(struct row *row)
{
	struct mqtt_writer body;

	mqtt_writer_init(&body, row->octets, sizeof row->octets);
	mqtt_write_u16(&body, PACKET_ID);
	if (row->level == 5)
		mqtt_write_u8(&body, 0);
	for (size_t i = 0; i < row->argument_count; i++) {
		mqtt_write_string(&body, row->arguments[i]);
		mqtt_write_u8(&body, row->qos);
	}
	return finish_packet(0x82, &body);
}

static struct slice write_connect(struct row *row)
{
	bool is_retained = is_op(row, "willr");
	size_t len;

	if (is_retained || is_op(row, "will")) {
		row->connect.has_will = true;
		row->connect.will_retain = is_retained;
		row->connect.will_qos = row->qos;
		row->connect.will_topic = row->arguments[0];
	}
	len = mqtt_compose_connect(row->octets, sizeof row->octets,
	                           &row->connect);
	assert_int_not_equal(len, 0);
	return (struct slice){ row->octets, len };
}

/* What came of it, in the words of the column */

static void say(struct row *row, const char *text)
{
	snprintf(row->answer, sizeof row->answer, "%s", text);
}

static void say_close(struct row *row, const struct verdict *verdict)
{
	const struct close_answer *answer = close_answer(verdict->reason);
	bool is_connect = is_op(row, "will") || is_op(row, "willr");
	unsigned code = answer->disconnect5;

	if (is_connect)
		code = row->level == 5 ? answer->connack5 : answer->connack3;
	else if (verdict->code5 != 0)
		code = verdict->code5;
	if (code == 0 || (!is_connect && row->level != 5))
		say(row, "close");
	else
		snprintf(row->answer, sizeof row->answer, "%s 0x%02X + close",
		         is_connect ? "CONNACK" : "DISCONNECT", code);
}

/* The answer to the PUBLISH, and what follows where it needs a PUBREL. */
static void say_ack(struct row *row, struct trial *trial)
{
	struct slice answer = trial->verdict.answer;
	bool is_qos_1 = answer.data[0] == 0x40;
	bool is_refused = answer.len == 6;

	assert_int_equal(answer.data[0], row->qos == 1 ? 0x40 : 0x50);
	assert_int_equal(answer.len, is_refused ? 6 : 4);
	assert_int_equal(answer.data[2] << 8 | answer.data[3], PACKET_ID);
	if (is_refused)
		snprintf(row->answer, sizeof row->answer, "%s 0x%02X",
		         is_qos_1 ? "PUBACK" : "PUBREC", answer.data[4]);
	else
		say(row, is_qos_1 ? "PUBACK" : "PUBREC (then PUBCOMP)");
	if (!is_qos_1 && !is_refused)
		expect_answer(trial, is_op(row, "dlv") ? DOWN : UP,
		              PACKET("\x62\x02\x01\x02"),
		              PACKET("\x70\x02\x01\x02"));
}

static void say_delivery_ack(struct row *row, struct trial *trial)
{
	say_ack(row, trial);
	if (strncmp(row->answer, "PUBREC", 6) == 0)
		say(row, "drop, PUBREC/PUBCOMP to broker");
	else
		say(row, "drop, PUBACK to broker");
}

static void say_codes(struct row *row, struct slice packet)
{
	struct mqtt_suback suback;
	const char *before = is_op(row, "subm") ? "" : "0x";
	size_t len = strlen("SUBACK");

	assert_int_equal(mqtt_suback_read(packet, row->level, &suback),
	                 MQTT_FAULT_NONE);
	assert_int_equal(suback.packet_id, PACKET_ID);
	assert_int_equal(suback.codes.len, row->argument_count);
	say(row, "SUBACK");
	for (size_t i = 0; i < suback.codes.len; i++)
		len += (size_t)snprintf(row->answer + len,
		                        sizeof row->answer - len, " %s%02X",
		                        before, suback.codes.data[i]);
}

/* The broker answers what it was asked for. */
static void say_suback(struct row *row, struct trial *trial)
{
	const struct mqtt_suback suback = { .packet_id = PACKET_ID,
		                            .codes = row->codes };
	uint8_t packet[32];
	size_t len =
	    mqtt_compose_suback(packet, sizeof packet, row->level, &suback);

	trial_judge(trial, DOWN, (struct slice){ packet, len });
	if (trial->verdict.ruling == VERDICT_REPLACE)
		say_codes(row, trial->verdict.packet);
	else if (trial->verdict.ruling == VERDICT_PASS)
		say_codes(row, (struct slice){ packet, len });
	else
		say(row, "no SUBACK");
}

static void say_verdict(struct row *row, struct trial *trial)
{
	const struct verdict *verdict = &trial->verdict;

	if (verdict->ruling == VERDICT_CLOSE)
		say_close(row, verdict);
	else if (verdict->ruling == VERDICT_DROP && verdict->answer.len == 0)
		say(row, "drop");
	else if (verdict->ruling == VERDICT_DROP &&
	         verdict->answer.data[0] == 0x90)
		say_codes(row, verdict->answer);
	else if (verdict->ruling == VERDICT_DROP && is_op(row, "dlv"))
		say_delivery_ack(row, trial);
	else if (verdict->ruling == VERDICT_DROP)
		say_ack(row, trial);
	else if (is_op(row, "subm"))
		say_suback(row, trial);
	else
		say(row, "forward");
}

/* Running */

/* A request that the rules let pass, for a Response Topic to ride on. */
static struct slice find_request(const struct row *row)
{
	static const char start[] = "allow pub ";

	for (size_t i = 0; row->rules[i]; i++) {
		if (strncmp(row->rules[i], start, strlen(start)) == 0)
			return slice_from_text(row->rules[i] + strlen(start));
	}
	return slice_from_text("rpc/in");
}

/* A pure `allow sub #` skips the check (6.3): all is forwarded then. */
static const char *wanted_answer(const struct row *row,
                                 const struct trial *trial)
{
	return is_op(row, "dlv") && !trial->judge.checks_delivery
	           ? "forward"
	           : row->columns[ANSWER];
}

static void play(struct row *row, struct trial *trial)
{
	static const struct slice none = { NULL, 0 };

	trial_connect(trial, write_connect(row));
	if (row->connect.has_will) {
		say_verdict(row, trial);
		return;
	}
	assert_int_not_equal(trial->verdict.ruling, VERDICT_CLOSE);
	if (is_op(row, "pub") || is_op(row, "pubr"))
		trial_judge(trial, UP,
		            write_publish(row, row->arguments[0], none));
	else if (is_op(row, "rtopic"))
		trial_judge(
		    trial, UP,
		    write_publish(row, find_request(row), row->arguments[0]));
	else if (is_op(row, "dlv"))
		trial_judge(trial, DOWN,
		            write_publish(row, row->arguments[0], none));
	else
		trial_judge(trial, UP, write_subscribe(row));
	say_verdict(row, trial);
}

static bool is_for_others(const struct row *row)
{
	return row->is_not_for_wires || is_op(row, "alias") ||
	       strcmp(row->columns[VERDICT], "CONFIG-ERROR") == 0 ||
	       strncmp(row->columns[ACL], "overlap=filter", 14) == 0;
}

struct tally {
	size_t run;
	size_t wrong;
};

static void run_row(struct row *row, struct tally *tally)
{
	struct trial trial;
	const char *wanted;

	row->is_not_for_wires = false;
	row->level = (uint8_t)(row->columns[VERSION][0] - '0');
	row->qos = (uint8_t)(row->columns[QOS][0] - '0');
	read_identity(row);
	if (is_for_others(row))
		return;
	read_rules(row);
	read_arguments(row);
	trial_init(&trial);
	trial_set_rules(&trial, row->rules);
	play(row, &trial);
	wanted = wanted_answer(row, &trial);
	trial_finish(&trial);
	tally->run++;
	if (strcasecmp(row->answer, wanted) == 0)
		return;
	print_error("%s came out as %s, not %s (%s)\n", row->columns[ID],
	            row->answer, wanted, row->columns[NOTE]);
	tally->wrong++;
}

static void expect_table(const char *name, size_t rows)
{
	static struct row row;
	struct tally tally = { 0 };
	struct table table;

	table_open(&table, name, "id");
	while (table_next(&table, row.columns, ACL_COLUMNS))
		run_row(&row, &tally);
	table_close(&table);
	assert_int_equal(tally.wrong, 0);
	assert_true(tally.run >= rows);
}

static void every_row_has_its_answer(void **state)
{
	(void)state;
	expect_table("acl-cases.tsv", 100);
	expect_table("acl-more.tsv", 600);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_row_has_its_answer),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
