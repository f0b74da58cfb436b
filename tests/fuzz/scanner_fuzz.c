/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Law: what the scanner says of a stream does not depend on how it is cut,
 * and its octets come out as they went in.
 *
 * The first octets of the input choose side, level, limits and cuts; the rest
 * is the stream, scanned once whole and once in pieces.
 */
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "mqtt/protocol.h"
#include "mqtt/scanner.h"

/* Not assert: the law holds in a build without assertions too. */
#define LAW(condition)                                                         \
	do {                                                                   \
		if (!(condition))                                              \
			abort();                                               \
	} while (0)

#define CUTS 4
#define PREFIX (4 + CUTS)

struct choice {
	enum mqtt_sender sender;
	uint8_t level;         /* at the start */
	uint8_t connect_level; /* after the first head, when it was 0 */
	uint32_t packet_bytes;
	uint32_t head_bytes;
	const uint8_t *cuts; /* lengths of the pieces, in turn */
};

/* All that a scanner said: the heads and bodies, one after the other. */
struct record {
	uint8_t *bytes;
	size_t len;
	size_t *ends; /* where heads end and, in between, bodies */
	size_t parts;
	enum mqtt_scan end; /* the error, or MQTT_SCAN_MORE */
	size_t held;
	bool at_border;
};

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static struct choice choose(const uint8_t *data)
{
	static const uint8_t levels[] = { 0, 3, 4, 5 };
	struct choice choice = {
		.sender = data[0] & 1 ? MQTT_SENDER_SERVER : MQTT_SENDER_CLIENT,
		.level = levels[data[0] >> 1 & 3],
		.connect_level = (uint8_t)(3 + (data[0] >> 3) % 3),
		.packet_bytes =
		    data[1] < 128 ? MQTT_REMAINING_MAX : (data[1] - 128u) * 4,
		.head_bytes = data[2] < 128 ? UINT32_MAX : data[2] - 128u,
		.cuts = data + 4,
	};

	if (data[3] & 1)
		choice.head_bytes = 65536;
	return choice;
}

static void digest(struct record *record, enum mqtt_scan seen, struct slice out)
{
	bool is_body = seen == MQTT_SCAN_BODY;

	LAW(out.len > 0);
	memcpy(record->bytes + record->len, out.data, out.len);
	record->len += out.len;
	/* Heads have the odd places, whatever lies between the even ones. */
	if (record->parts % 2 == 0)
		record->ends[record->parts++] = record->len - out.len;
	if (is_body)
		record->ends[record->parts - 1] = record->len;
	else
		record->ends[record->parts++] = record->len;
	LAW(!is_body || record->parts % 2 == 1);
}

/* What arrived in pieces must bound what is kept. */
static void check_memory(const struct mqtt_scanner *scanner)
{
	size_t held = mqtt_scanner_held(scanner);

	LAW(scanner->stash_size <= 2 * (held + MQTT_SCANNER_INLINE));
	LAW(held <= MQTT_SCANNER_INLINE || scanner->stash != NULL);
	LAW(held > 0 || scanner->stash == NULL);
	/* The limit is known to be passed when a varint is whole. */
	LAW(held <= (size_t)scanner->head_bytes + 4);
}

static void feed(struct mqtt_scanner *scanner, const struct choice *choice,
                 struct slice piece, struct record *record)
{
	uint8_t *copy = malloc(piece.len + 1);
	struct slice in = { copy + 1, piece.len };
	struct slice out;
	enum mqtt_scan seen;

	LAW(copy != NULL);
	memcpy(copy + 1, piece.data, piece.len);
	while ((seen = mqtt_scan(scanner, &in, &out)) == MQTT_SCAN_HEAD ||
	       seen == MQTT_SCAN_BODY) {
		digest(record, seen, out);
		if (scanner->level == 0)
			scanner->level = choice->connect_level;
	}
	LAW(seen != MQTT_SCAN_MORE || in.len == 0);
	LAW(seen != MQTT_SCAN_MEMORY);
	record->end = seen;
	check_memory(scanner);
	free(copy);
}

/* `cuts` NULL: in one piece. */
static struct record scan(const struct choice *choice, struct slice stream,
                          const uint8_t *cuts)
{
	struct record record = {
		.bytes = malloc(stream.len + 1),
		.ends = calloc(2 * stream.len + 2, sizeof(size_t)),
	};
	struct mqtt_scanner scanner;

	LAW(record.bytes != NULL && record.ends != NULL);
	mqtt_scanner_init(&scanner, choice->sender, choice->packet_bytes,
	                  choice->head_bytes);
	scanner.level = choice->level;
	for (size_t i = 0; stream.len > 0; i++) {
		size_t len = cuts == NULL ? stream.len : cuts[i % CUTS] + 1u;

		if (len > stream.len)
			len = stream.len;
		feed(&scanner, choice, slice_take(&stream, len), &record);
	}
	record.held = mqtt_scanner_held(&scanner);
	record.at_border = mqtt_scanner_at_border(&scanner);
	mqtt_scanner_finish(&scanner);
	return record;
}

static void check_same(const struct record *a, const struct record *b)
{
	LAW(a->end == b->end);
	LAW(a->len == b->len);
	LAW(a->held == b->held);
	LAW(a->at_border == b->at_border);
	LAW(a->parts == b->parts);
	for (size_t i = 0; i < a->parts; i++)
		LAW(a->ends[i] == b->ends[i]);
}

static void check_kept(const struct record *record, struct slice stream)
{
	LAW(memcmp(record->bytes, stream.data, record->len) == 0);
	LAW(record->len + record->held <= stream.len);
	LAW(record->end != MQTT_SCAN_MORE ||
	    record->len + record->held == stream.len);
}

static void drop(struct record *record)
{
	free(record->bytes);
	free(record->ends);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const uint8_t single[CUTS] = { 0 };

	if (size <= PREFIX)
		return 0;

	struct choice choice = choose(data);
	struct slice stream = { data + PREFIX, size - PREFIX };
	struct record whole = scan(&choice, stream, NULL);
	struct record cut = scan(&choice, stream, choice.cuts);
	struct record octets = scan(&choice, stream, single);

	check_kept(&whole, stream);
	check_kept(&cut, stream);
	check_kept(&octets, stream);
	check_same(&whole, &cut);
	check_same(&whole, &octets);
	drop(&whole);
	drop(&cut);
	drop(&octets);
	return 0;
}
