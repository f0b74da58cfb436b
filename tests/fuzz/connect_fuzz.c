/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Law: reading a CONNECT looks at nothing outside the packet, gives only
 * slices of it, gives the same each time, and touches nothing but the level
 * when it fails.
 *
 * The first octet of the input says whether the rest is the packet, or what
 * follows a right fixed header.
 */
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "mqtt/connect.h"
#include "mqtt/protocol.h"

/* Not assert: the law holds in a build without assertions too. */
#define LAW(condition)                                                         \
	do {                                                                   \
		if (!(condition))                                              \
			abort();                                               \
	} while (0)

#define HEADER_MOST 5

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static size_t write_header(uint8_t *header, size_t remaining)
{
	size_t len = 0;

	header[len++] = MQTT_CONNECT << 4;
	do {
		uint8_t more = remaining > 127 ? 0x80 : 0;

		header[len++] = (uint8_t)(remaining % 128) | more;
		remaining /= 128;
	} while (remaining > 0);
	return len;
}

static void check_inside(struct slice part, struct slice packet)
{
	if (part.data == NULL) {
		LAW(part.len == 0);
		return;
	}
	LAW(part.data >= packet.data);
	LAW(part.data <= packet.data + packet.len);
	LAW(part.len <= (size_t)(packet.data + packet.len - part.data));
}

static void check_read(const struct mqtt_connect *connect, struct slice packet)
{
	LAW(connect->level >= MQTT_LEVEL_3_1 && connect->level <= MQTT_LEVEL_5);
	LAW(connect->will_qos <= MQTT_QOS_MAX);
	LAW(connect->has_will ||
	    (connect->will_topic.len == 0 && connect->will_payload.len == 0 &&
	     connect->will_properties.len == 0 && !connect->will_retain));
	LAW(connect->has_username || connect->username.len == 0);
	LAW(connect->has_password || connect->password.len == 0);
	LAW(connect->level == MQTT_LEVEL_5 || connect->properties.len == 0);
	check_inside(connect->properties, packet);
	check_inside(connect->client_id, packet);
	check_inside(connect->will_properties, packet);
	check_inside(connect->will_topic, packet);
	check_inside(connect->will_payload, packet);
	check_inside(connect->username, packet);
	check_inside(connect->password, packet);
}

static void check_packet(struct slice packet)
{
	struct mqtt_connect untouched;
	struct mqtt_connect first;
	struct mqtt_connect second;

	memset(&untouched, 0xa5, sizeof(untouched));
	first = untouched;
	memset(&second, 0xa5, sizeof(second));

	enum mqtt_connect_read verdict = mqtt_connect_read(packet, &first);

	LAW(mqtt_connect_read(packet, &second) == verdict);
	LAW(first.level == second.level);
	if (verdict == MQTT_CONNECT_OK) {
		check_read(&first, packet);
		LAW(slice_equals(first.client_id, second.client_id));
		LAW(slice_equals(first.password, second.password));
		return;
	}
	LAW(first.level == 0 || verdict != MQTT_CONNECT_UNKNOWN_LEVEL);
	untouched.level = first.level;
	LAW(memcmp(&first, &untouched, sizeof(first)) == 0);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	if (size == 0)
		return 0;

	bool has_header = data[0] & 1;
	uint8_t *packet = malloc(HEADER_MOST + size);
	size_t len = 0;

	LAW(packet != NULL);
	if (!has_header)
		len = write_header(packet, size - 1);
	memcpy(packet + len, data + 1, size - 1);
	len += size - 1;

	/* Its memory ends where it ends, so that a sanitizer sees more. */
	uint8_t *exact = malloc(len > 0 ? len : 1);

	LAW(exact != NULL);
	memcpy(exact, packet, len);
	free(packet);
	check_packet((struct slice){ exact, len });
	free(exact);
	return 0;
}
