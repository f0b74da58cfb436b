/* SPDX-License-Identifier: Apache-2.0 */
#include "mqtt/scanner.h"

#include <stdlib.h>
#include <string.h>

#include "mqtt/reader.h"

#define CONNECT_FIRST 0x10 /* the only first octet of a stream */
#define HEADER_LEAST 2     /* octets of the shortest packet */
#define TOPIC_LENGTH 2     /* octets of its length */
#define PACKET_ID 2        /* octets */
#define FLAGS 0x0fu        /* of the first octet */
#define FLAGS_QOS_1 0x02u

/* How far the head and the packet reach, fixed header included. */
struct extent {
	size_t head; /* by what is known yet: it has at least so many octets */
	size_t packet;
};

enum {
	ANY = 0,
	NEVER = UINT8_MAX
};

/* The lowest level in which each enum mqtt_sender may send a type. */
static const uint8_t lowest_level[][2] = {
	[MQTT_RESERVED] = { NEVER, NEVER },
	[MQTT_CONNECT] = { ANY, NEVER },
	[MQTT_CONNACK] = { NEVER, ANY },
	[MQTT_PUBLISH] = { ANY, ANY },
	[MQTT_PUBACK] = { ANY, ANY },
	[MQTT_PUBREC] = { ANY, ANY },
	[MQTT_PUBREL] = { ANY, ANY },
	[MQTT_PUBCOMP] = { ANY, ANY },
	[MQTT_SUBSCRIBE] = { ANY, NEVER },
	[MQTT_SUBACK] = { NEVER, ANY },
	[MQTT_UNSUBSCRIBE] = { ANY, NEVER },
	[MQTT_UNSUBACK] = { NEVER, ANY },
	[MQTT_PINGREQ] = { ANY, NEVER },
	[MQTT_PINGRESP] = { NEVER, ANY },
	[MQTT_DISCONNECT] = { ANY, MQTT_LEVEL_5 },
	[MQTT_AUTH] = { MQTT_LEVEL_5, MQTT_LEVEL_5 },
};

static bool has_valid_flags(uint8_t first, uint8_t level)
{
	enum mqtt_type type = mqtt_type_of(first);
	unsigned flags = first & FLAGS;

	if (type == MQTT_PUBLISH)
		return mqtt_qos_of(first) <= MQTT_QOS_MAX &&
		       (mqtt_qos_of(first) > 0 || !(flags & MQTT_FLAG_DUP));
	if (type == MQTT_PUBREL || type == MQTT_SUBSCRIBE ||
	    type == MQTT_UNSUBSCRIBE) {
		/* A retry in MQTT 3.1 carries DUP [MQTT 3.1 2.1, 3.6]. */
		if (level == MQTT_LEVEL_3_1)
			flags &= ~MQTT_FLAG_DUP;
		return flags == FLAGS_QOS_1;
	}
	return flags == 0;
}

static bool may_hold(uint8_t first, uint32_t remaining)
{
	enum mqtt_type type = mqtt_type_of(first);

	return remaining == 0 ||
	       (type != MQTT_PINGREQ && type != MQTT_PINGRESP);
}

static bool may_begin(const struct mqtt_scanner *scanner, uint8_t first)
{
	if (scanner->sender == MQTT_SENDER_CLIENT && scanner->level == 0)
		return first == CONNECT_FIRST;
	return scanner->level >=
	           lowest_level[mqtt_type_of(first)][scanner->sender] &&
	       has_valid_flags(first, scanner->level);
}

/* MQTT_SCAN_MORE when the head, as far as known, is within all limits. */
static enum mqtt_scan check_extent(const struct mqtt_scanner *scanner,
                                   const struct extent *extent)
{
	if (extent->head > extent->packet)
		return MQTT_SCAN_MALFORMED;
	if (extent->head > scanner->head_bytes)
		return MQTT_SCAN_TOO_LARGE;
	return MQTT_SCAN_MORE;
}

/*
 * A head that runs over `head_bytes` is found only once the length of the
 * properties is whole. To answer it within that length would make the answer
 * depend on the cuts.
 */
static enum mqtt_scan measure_properties(const struct mqtt_scanner *scanner,
                                         struct slice rest, size_t before,
                                         struct extent *extent)
{
	size_t seen = rest.len;
	uint32_t len;

	switch (mqtt_reader_varint(&rest, &len)) {
	case MQTT_VARINT_OK:
		break;
	case MQTT_VARINT_SHORT:
		extent->head = before + seen + 1;
		return extent->head > extent->packet ? MQTT_SCAN_MALFORMED
		                                     : MQTT_SCAN_MORE;
	case MQTT_VARINT_MALFORMED:
		return MQTT_SCAN_MALFORMED;
	}
	extent->head = before + (seen - rest.len) + len;
	return check_extent(scanner, extent);
}

/* `rest` is what was seen after the fixed header of `header` octets. */
static enum mqtt_scan measure_publish(const struct mqtt_scanner *scanner,
                                      uint8_t first, struct slice rest,
                                      size_t header, struct extent *extent)
{
	bool has_properties = scanner->level == MQTT_LEVEL_5;
	size_t before = header + TOPIC_LENGTH; /* the properties */
	struct slice skipped;
	uint16_t topic;

	if (mqtt_qos_of(first) > 0)
		before += PACKET_ID;
	extent->head = before + has_properties;
	enum mqtt_scan verdict = check_extent(scanner, extent);

	if (verdict != MQTT_SCAN_MORE || !mqtt_reader_u16(&rest, &topic))
		return verdict;

	before += topic;
	extent->head = before + has_properties;
	verdict = check_extent(scanner, extent);
	if (verdict != MQTT_SCAN_MORE || !has_properties ||
	    !mqtt_reader_bytes(&rest, before - header - TOPIC_LENGTH, &skipped))
		return verdict;
	return measure_properties(scanner, rest, before, extent);
}

/*
 * How far the head reaches whose first octets are `seen`. MQTT_SCAN_MORE:
 * not all of it is there, `extent->head` is more than what was seen. Checks
 * follow the order of the octets, so that the first mistake in the stream is
 * the one found, whether or not more was seen behind it.
 */
static enum mqtt_scan measure(const struct mqtt_scanner *scanner,
                              struct slice seen, struct extent *extent)
{
	struct slice rest = seen;
	uint32_t remaining;
	uint8_t first;

	extent->head = HEADER_LEAST;
	if (!mqtt_reader_u8(&rest, &first))
		return MQTT_SCAN_MORE;
	if (!may_begin(scanner, first))
		return MQTT_SCAN_MALFORMED;

	switch (mqtt_reader_varint(&rest, &remaining)) {
	case MQTT_VARINT_OK:
		break;
	case MQTT_VARINT_SHORT:
		extent->head = seen.len + 1;
		return MQTT_SCAN_MORE;
	case MQTT_VARINT_MALFORMED:
		return MQTT_SCAN_MALFORMED;
	}
	if (!may_hold(first, remaining))
		return MQTT_SCAN_MALFORMED;
	if (remaining > scanner->packet_bytes)
		return MQTT_SCAN_TOO_LARGE;

	size_t header = seen.len - rest.len;
	enum mqtt_scan verdict;

	extent->packet = header + remaining;
	extent->head = extent->packet;
	if (mqtt_type_of(first) == MQTT_PUBLISH)
		verdict = measure_publish(scanner, first, rest, header, extent);
	else
		verdict = check_extent(scanner, extent);
	if (verdict == MQTT_SCAN_MORE && extent->head <= seen.len)
		return MQTT_SCAN_HEAD;
	return verdict;
}

static struct slice stashed(const struct mqtt_scanner *scanner)
{
	const uint8_t *octets =
	    scanner->stash_size > 0 ? scanner->stash : scanner->small;

	return (struct slice){ octets, scanner->stash_len };
}

static void drop_stash(struct mqtt_scanner *scanner)
{
	free(scanner->stash);
	scanner->stash = NULL;
	scanner->stash_size = 0;
	scanner->stash_len = 0;
}

/* Makes room for `len` octets in all, which are at most `head_len`. */
static bool grow_stash(struct mqtt_scanner *scanner, size_t len)
{
	size_t size = scanner->stash_size;

	if (size == 0)
		size = sizeof(scanner->small);
	if (len <= size)
		return true;
	size *= 2;
	if (size > scanner->head_len)
		size = scanner->head_len;
	if (size < len)
		size = len;

	uint8_t *grown = realloc(scanner->stash, size);

	if (grown == NULL)
		return false;
	if (scanner->stash_size == 0)
		memcpy(grown, scanner->small, scanner->stash_len);
	scanner->stash = grown;
	scanner->stash_size = size;
	return true;
}

/* Keeps what `in` has of the head, as far as that is known. */
static enum mqtt_scan keep(struct mqtt_scanner *scanner, struct slice *in)
{
	size_t len = scanner->head_len - scanner->stash_len;

	if (len > in->len)
		len = in->len;
	if (!grow_stash(scanner, scanner->stash_len + len))
		return MQTT_SCAN_MEMORY;

	uint8_t *stash =
	    scanner->stash_size > 0 ? scanner->stash : scanner->small;

	memcpy(stash + scanner->stash_len, slice_take(in, len).data, len);
	scanner->stash_len += len;
	return MQTT_SCAN_MORE;
}

static enum mqtt_scan scan_head(struct mqtt_scanner *scanner, struct slice *in,
                                struct slice *out)
{
	struct extent extent = { 0 };

	for (;;) {
		bool is_cut = scanner->stash_len > 0;
		struct slice seen = is_cut ? stashed(scanner) : *in;
		enum mqtt_scan verdict = measure(scanner, seen, &extent);

		scanner->first = seen.data[0];
		scanner->head_len = extent.head;
		if (verdict == MQTT_SCAN_HEAD) {
			scanner->body_left =
			    (uint32_t)(extent.packet - extent.head);
			*out = is_cut ? seen : slice_take(in, extent.head);
		}
		if (verdict != MQTT_SCAN_MORE || in->len == 0)
			return verdict;
		verdict = keep(scanner, in);
		if (verdict != MQTT_SCAN_MORE)
			return verdict;
	}
}

static struct slice take_body(struct mqtt_scanner *scanner, struct slice *in)
{
	size_t len = in->len;

	if (len > scanner->body_left)
		len = scanner->body_left;
	scanner->body_left -= (uint32_t)len;
	return slice_take(in, len);
}

void mqtt_scanner_init(struct mqtt_scanner *scanner, enum mqtt_sender sender,
                       uint32_t packet_bytes, uint32_t head_bytes)
{
	*scanner = (struct mqtt_scanner){
		.sender = sender,
		.packet_bytes = packet_bytes,
		.head_bytes = head_bytes,
	};
}

void mqtt_scanner_finish(struct mqtt_scanner *scanner)
{
	drop_stash(scanner);
}

enum mqtt_scan mqtt_scan(struct mqtt_scanner *scanner, struct slice *in,
                         struct slice *out)
{
	if (scanner->failed != MQTT_SCAN_MORE)
		return scanner->failed;
	/* A whole head was handed out by the call before. */
	if (scanner->stash_len == scanner->head_len)
		drop_stash(scanner);
	if (in->len == 0)
		return MQTT_SCAN_MORE;
	if (scanner->body_left > 0) {
		*out = take_body(scanner, in);
		return MQTT_SCAN_BODY;
	}

	enum mqtt_scan verdict = scan_head(scanner, in, out);

	if (verdict >= MQTT_SCAN_MALFORMED) {
		scanner->failed = verdict;
		drop_stash(scanner);
	}
	return verdict;
}

bool mqtt_scanner_at_border(const struct mqtt_scanner *scanner)
{
	return scanner->failed == MQTT_SCAN_MORE && scanner->body_left == 0 &&
	       mqtt_scanner_held(scanner) == 0;
}

size_t mqtt_scanner_held(const struct mqtt_scanner *scanner)
{
	return scanner->stash_len < scanner->head_len ? scanner->stash_len : 0;
}
