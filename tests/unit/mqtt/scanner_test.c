/* SPDX-License-Identifier: Apache-2.0 */
#include "mqtt/scanner.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "mqtt/protocol.h"

#define LENGTH(array) (sizeof(array) / sizeof((array)[0]))
#define BYTES(bytes)                                                           \
	{                                                                      \
		(const uint8_t *)(bytes), sizeof(bytes) - 1                    \
	}

#define CLIENT MQTT_SENDER_CLIENT
#define SERVER MQTT_SENDER_SERVER
#define PACKET_BYTES 20000
#define HEAD_BYTES 100

/* A stream without mistake, and how it must fall apart. */
struct sound {
	const char *what;
	enum mqtt_sender sender;
	uint8_t level; /* 0: 4 after the CONNECT */
	struct slice stream;
	const char *trace; /* H head, B body, with their lengths */
};

static const struct sound sounds[] = {
	{ "connect, then subscribe", CLIENT, 0,
	  BYTES("\x10\x0c\x00\x04MQTT\x04\x02\x00\x3c\x00\x00"
	        "\x82\x06\x00\x01\x00\x01t\x00"),
	  "H14 H8 " },
	{ "connect twice is left to the judge", CLIENT, 4,
	  BYTES("\x10\x00\x10\x00"), "H2 H2 " },
	{ "two pings", CLIENT, 4, BYTES("\xc0\x00\xc0\x00"), "H2 H2 " },
	{ "qos 0", CLIENT, 4, BYTES("\x30\x06\x00\x01tabc"), "H5 B3 " },
	{ "qos 0 retained", CLIENT, 4, BYTES("\x31\x04\x00\x01tx"), "H5 B1 " },
	{ "qos 1", CLIENT, 4, BYTES("\x32\x06\x00\x01t\x00\x07x"), "H7 B1 " },
	{ "qos 2 again", CLIENT, 4, BYTES("\x3c\x06\x00\x01t\x00\x07x"),
	  "H7 B1 " },
	{ "packet id 0, for the judge", CLIENT, 4,
	  BYTES("\x32\x06\x00\x01t\x00\x00x"), "H7 B1 " },
	{ "no payload", CLIENT, 4, BYTES("\x30\x03\x00\x01t\xc0\x00"),
	  "H5 H2 " },
	{ "no payload, qos 1", CLIENT, 4, BYTES("\x32\x05\x00\x01t\x00\x07"),
	  "H7 " },
	{ "empty topic, for the judge", CLIENT, 4, BYTES("\x30\x03\x00\x00x"),
	  "H4 B1 " },
	{ "payload that looks like packets", CLIENT, 4,
	  BYTES("\x30\x07\x00\x01t\xc0\x00\xc0\x00\xc0\x00"), "H5 B4 H2 " },
	{ "mqtt 5, no properties", CLIENT, 5, BYTES("\x30\x06\x00\x01t\x00xy"),
	  "H6 B2 " },
	{ "mqtt 5, properties", CLIENT, 5,
	  BYTES("\x32\x0b\x00\x01t\x00\x07\x03\x23\x00\x01xy"), "H11 B2 " },
	{ "mqtt 5, properties up to the end", CLIENT, 5,
	  BYTES("\x30\x07\x00\x01t\x03\x23\x00\x01\xc0\x00"), "H9 H2 " },
	{ "same octets in 3.1.1 are payload", CLIENT, 4,
	  BYTES("\x30\x07\x00\x01t\x03\x23\x00\x01\xc0\x00"), "H5 B4 H2 " },
	{ "mqtt 3.1, subscribe and release again", CLIENT, 3,
	  BYTES("\x8a\x02\x00\x01\x6a\x02\x00\x01"), "H4 H4 " },
	{ "mqtt 5 auth, disconnect", CLIENT, 5, BYTES("\xf0\x00\xe0\x00"),
	  "H2 H2 " },
	{ "from broker", SERVER, 4,
	  BYTES("\x20\x02\x00\x00\x30\x04\x00\x01tx\xd0\x00"), "H4 H5 B1 H2 " },
	{ "from broker, mqtt 5", SERVER, 5,
	  BYTES("\x20\x03\x00\x00\x00\xe0\x02\x8b\x00"), "H5 H4 " },
	{ "second packet cut", CLIENT, 4, BYTES("\xc0\x00\x82\x06\x00"),
	  "H2 " },
	{ "head cut in the topic", CLIENT, 4, BYTES("\x30\x08\x00\x04to"), "" },
	{ "payload cut", CLIENT, 4, BYTES("\x30\x08\x00\x01tab"), "H5 B2 " },
	{ "longest head", CLIENT, 4,
	  BYTES("\x30\x64\x00\x60"
	        "0123456789abcdef0123456789abcdef0123456789abcdef"
	        "0123456789abcdef0123456789abcdef0123456789abcdef"
	        "xy"),
	  "H100 B2 " },
	{ "remaining length of three octets", CLIENT, 4,
	  BYTES("\x30\x80\x80\x01\x00\x01tabc"), "H7 B3 " },
};

/* A stream whose last octet is the first that cannot be. */
struct unsound {
	const char *what;
	enum mqtt_sender sender;
	uint8_t level;
	struct slice stream;
	const char *trace; /* as above; M0 malformed, L0 too large */
};

static const struct unsound unsounds[] = {
	{ "subscribe first", CLIENT, 0, BYTES("\x82"), "M0 " },
	{ "publish first", CLIENT, 0, BYTES("\x30"), "M0 " },
	{ "connect with a flag first", CLIENT, 0, BYTES("\x11"), "M0 " },
	{ "http first", CLIENT, 0, BYTES("G"), "M0 " },
	{ "server packet from client", CLIENT, 4, BYTES("\xc0\x00\x20"),
	  "H2 M0 " },
	{ "type 0", CLIENT, 5, BYTES("\x00"), "M0 " },
	{ "auth in 3.1.1", CLIENT, 4, BYTES("\xf0"), "M0 " },
	{ "disconnect from a 3.1.1 broker", SERVER, 4, BYTES("\xe0"), "M0 " },
	{ "qos 3", CLIENT, 4, BYTES("\x36"), "M0 " },
	{ "dup without qos", CLIENT, 4, BYTES("\x38"), "M0 " },
	{ "after a payload", CLIENT, 4, BYTES("\x30\x04\x00\x01tx\x0f"),
	  "H5 B1 M0 " },
	{ "remaining length of five octets", CLIENT, 4,
	  BYTES("\xc0\x80\x80\x80\x80"), "M0 " },
	{ "remaining length too long by an octet", CLIENT, 4,
	  BYTES("\xc0\x80\x00"), "M0 " },
	{ "remaining length too long by three", CLIENT, 4,
	  BYTES("\xc0\x81\x80\x80\x00"), "M0 " },
	{ "ping with octets", CLIENT, 4, BYTES("\xc0\x02"), "M0 " },
	{ "ping with very many", CLIENT, 4, BYTES("\xc0\xff\xff\xff\x7f"),
	  "M0 " },
	{ "answer to a ping with octets", SERVER, 5, BYTES("\xd0\x01"), "M0 " },
	{ "publish without room for a topic", CLIENT, 4, BYTES("\x30\x01"),
	  "M0 " },
	{ "publish without room for a packet id", CLIENT, 4, BYTES("\x32\x03"),
	  "M0 " },
	{ "publish without room for properties", CLIENT, 5, BYTES("\x30\x02"),
	  "M0 " },
	{ "topic past the end", CLIENT, 4, BYTES("\x30\x05\x00\x04"), "M0 " },
	{ "topic and packet id past the end", CLIENT, 4,
	  BYTES("\x32\x05\x00\x02"), "M0 " },
	{ "topic and properties past the end", CLIENT, 5,
	  BYTES("\x32\x05\x00\x01"), "M0 " },
	{ "properties past the end", CLIENT, 5, BYTES("\x30\x05\x00\x01t\x02"),
	  "M0 " },
	{ "length of properties past the end", CLIENT, 5,
	  BYTES("\x30\x04\x00\x01t\x80"), "M0 " },
	{ "length of properties not the shortest", CLIENT, 5,
	  BYTES("\x30\x06\x00\x01t\x80\x00"), "M0 " },
	{ "length of properties of five octets", CLIENT, 5,
	  BYTES("\x30\x09\x00\x01t\x80\x80\x80\x80"), "M0 " },
	{ "packet over the limit", CLIENT, 4, BYTES("\x30\xa1\x9c\x01"),
	  "L0 " },
	{ "largest packet there is", SERVER, 4, BYTES("\x30\xff\xff\xff\x7f"),
	  "L0 " },
	{ "head over the limit", CLIENT, 4, BYTES("\x82\x63"), "L0 " },
	{ "topic over the limit", CLIENT, 4, BYTES("\x30\x70\x00\x61"), "L0 " },
	{ "topic and packet id over the limit", CLIENT, 4,
	  BYTES("\x32\x70\x00\x5f"), "L0 " },
	{ "topic and properties over the limit", CLIENT, 5,
	  BYTES("\x30\x70\x00\x60"), "L0 " },
	{ "properties over the limit", CLIENT, 5,
	  BYTES("\x30\x70\x00\x01t\x5f"), "L0 " },
};

/* What came out of a scanner, and in which parts. */
struct run {
	struct mqtt_scanner scanner;
	char trace[64];
	uint8_t bytes[256];
	size_t len;
	size_t body; /* octets of the body that goes on */
	bool is_over;
};

static void note(struct run *run, char kind, size_t len)
{
	size_t used = strlen(run->trace);

	assert_true(used + 16 < sizeof(run->trace));
	snprintf(run->trace + used, sizeof(run->trace) - used, "%c%zu ", kind,
	         len);
}

static void end_body(struct run *run)
{
	if (run->body > 0)
		note(run, 'B', run->body);
	run->body = 0;
}

static void gather(struct run *run, struct slice out)
{
	assert_true(out.len > 0);
	assert_true(run->len + out.len <= sizeof(run->bytes));
	memcpy(run->bytes + run->len, out.data, out.len);
	run->len += out.len;
}

static void digest(struct run *run, enum mqtt_scan seen, struct slice out)
{
	if (seen == MQTT_SCAN_BODY) {
		gather(run, out);
		run->body += out.len;
		return;
	}
	end_body(run);
	if (seen == MQTT_SCAN_HEAD) {
		gather(run, out);
		note(run, 'H', out.len);
		if (run->scanner.level == 0)
			run->scanner.level = MQTT_LEVEL_3_1_1;
		return;
	}
	note(run, seen == MQTT_SCAN_MALFORMED ? 'M' : 'L', 0);
	run->is_over = true;
}

/* Feeds a copy that ends where its memory ends. */
static void feed(struct run *run, struct slice piece)
{
	uint8_t *copy = malloc(piece.len);
	struct slice in = { copy, piece.len };
	struct slice out;
	enum mqtt_scan seen;

	assert_non_null(copy);
	memcpy(copy, piece.data, piece.len);
	while (!run->is_over &&
	       (seen = mqtt_scan(&run->scanner, &in, &out)) != MQTT_SCAN_MORE)
		digest(run, seen, out);
	if (!run->is_over)
		assert_int_equal(in.len, 0);
	free(copy);
}

static void run_cut(struct run *run, enum mqtt_sender sender, uint8_t level,
                    struct slice stream, size_t step)
{
	*run = (struct run){ 0 };
	mqtt_scanner_init(&run->scanner, sender, PACKET_BYTES, HEAD_BYTES);
	run->scanner.level = level;
	while (stream.len > 0)
		feed(run, slice_take(&stream,
		                     step < stream.len ? step : stream.len));
	end_body(run);
}

static void sound_streams_fall_apart_the_same_for_all_cuts(void **state)
{
	struct run run;

	(void)state;
	for (size_t i = 0; i < LENGTH(sounds); i++) {
		const struct sound *sound = &sounds[i];

		for (size_t step = 1; step <= sound->stream.len; step++) {
			run_cut(&run, sound->sender, sound->level,
			        sound->stream, step);
			if (strcmp(run.trace, sound->trace) != 0)
				fail_msg("%s, by %zu: %s", sound->what, step,
				         run.trace);
			assert_memory_equal(run.bytes, sound->stream.data,
			                    run.len);
			assert_int_equal(run.len +
			                     mqtt_scanner_held(&run.scanner),
			                 sound->stream.len);
			mqtt_scanner_finish(&run.scanner);
		}
	}
}

static void mistakes_are_found_at_their_first_octet(void **state)
{
	struct run run;

	(void)state;
	for (size_t i = 0; i < LENGTH(unsounds); i++) {
		const struct unsound *bad = &unsounds[i];
		struct slice before = { bad->stream.data, bad->stream.len - 1 };

		for (size_t step = 1; step <= bad->stream.len; step++) {
			run_cut(&run, bad->sender, bad->level, bad->stream,
			        step);
			if (strcmp(run.trace, bad->trace) != 0)
				fail_msg("%s, by %zu: %s", bad->what, step,
				         run.trace);
			mqtt_scanner_finish(&run.scanner);
		}
		run_cut(&run, bad->sender, bad->level, before, 1);
		if (run.is_over)
			fail_msg("%s: too early", bad->what);
		mqtt_scanner_finish(&run.scanner);
	}
}

/* Octets behind the mistake change nothing. */
static void mistakes_are_found_whatever_follows(void **state)
{
	uint8_t bytes[64];
	struct run run;

	(void)state;
	for (size_t i = 0; i < LENGTH(unsounds); i++) {
		const struct unsound *bad = &unsounds[i];

		memset(bytes, 0, sizeof(bytes));
		memcpy(bytes, bad->stream.data, bad->stream.len);
		run_cut(&run, bad->sender, bad->level,
		        (struct slice){ bytes, sizeof(bytes) }, sizeof(bytes));
		if (strcmp(run.trace, bad->trace) != 0)
			fail_msg("%s: %s", bad->what, run.trace);
		mqtt_scanner_finish(&run.scanner);
	}
}

#define PUBLISHES "\x30\x31\x32\x33\x34\x35\x3a\x3b\x3c\x3d"
#define BOTH "\x40\x50\x62\x70"

static const struct {
	enum mqtt_sender sender;
	uint8_t level;
	const char *firsts;
} beginnings[] = {
	{ CLIENT, 0, "\x10" },
	{ CLIENT, 3, "\x10" PUBLISHES BOTH "\x6a\x82\x8a\xa2\xaa\xc0\xe0" },
	{ CLIENT, 4, "\x10" PUBLISHES BOTH "\x82\xa2\xc0\xe0" },
	{ CLIENT, 5, "\x10" PUBLISHES BOTH "\x82\xa2\xc0\xe0\xf0" },
	{ SERVER, 0, "\x20" PUBLISHES BOTH "\x90\xb0\xd0" },
	{ SERVER, 3, "\x20" PUBLISHES BOTH "\x6a\x90\xb0\xd0" },
	{ SERVER, 4, "\x20" PUBLISHES BOTH "\x90\xb0\xd0" },
	{ SERVER, 5, "\x20" PUBLISHES BOTH "\x90\xb0\xd0\xe0\xf0" },
};

static void first_octet_is_judged_by_side_and_level(void **state)
{
	(void)state;
	for (size_t i = 0; i < LENGTH(beginnings); i++) {
		for (unsigned octet = 0; octet <= UINT8_MAX; octet++) {
			uint8_t first = (uint8_t)octet;
			bool is_fine =
			    first != 0 &&
			    strchr(beginnings[i].firsts, (char)first);
			struct run run;

			run_cut(&run, beginnings[i].sender, beginnings[i].level,
			        (struct slice){ &first, 1 }, 1);
			if (run.is_over == is_fine)
				fail_msg("row %zu, octet %02x", i, octet);
			mqtt_scanner_finish(&run.scanner);
		}
	}
}

static void errors_stay(void **state)
{
	static const uint8_t ping[] = { 0xc0, 0x00 };
	struct slice in = { ping, sizeof(ping) };
	struct slice out;
	struct run run;

	(void)state;
	run_cut(&run, CLIENT, 4, (struct slice)BYTES("\x82\x63"), 1);
	for (int i = 0; i < 3; i++)
		assert_int_equal(mqtt_scan(&run.scanner, &in, &out),
		                 MQTT_SCAN_TOO_LARGE);
	assert_int_equal(in.len, sizeof(ping));
	in.len = 0;
	assert_int_equal(mqtt_scan(&run.scanner, &in, &out),
	                 MQTT_SCAN_TOO_LARGE);
	assert_false(mqtt_scanner_at_border(&run.scanner));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(
		    sound_streams_fall_apart_the_same_for_all_cuts),
		cmocka_unit_test(mistakes_are_found_at_their_first_octet),
		cmocka_unit_test(mistakes_are_found_whatever_follows),
		cmocka_unit_test(first_octet_is_judged_by_side_and_level),
		cmocka_unit_test(errors_stay),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
