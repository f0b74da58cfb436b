/* SPDX-License-Identifier: Apache-2.0 */
#include "doctor/sniff.h"

#include <stdio.h>
#include <string.h>

#include "doctor/door.h"
#include "doctor/secure.h"
#include "doctor/url.h"
#include "doctor/wire.h"
#include "mqtt/compose.h"
#include "mqtt/connect.h"
#include "mqtt/protocol.h"

#define ANSWER_OCTETS 5 /* "HTTP/", and more than MQTT needs */
#define CONNACK_FIRST ((uint8_t)((unsigned)MQTT_CONNACK << 4))
#define CONNACK_LEN 2 /* of MQTT 3.1.1, behind the length */

static bool open_wire(struct wire *wire, const struct sockaddr_storage *address,
                      uint64_t deadline_us)
{
	int fd;

	if (door_open(address, deadline_us, &fd) != DOOR_OPEN)
		return false;
	wire_init(wire, fd);
	wire->deadline_us = deadline_us;
	return true;
}

/* Sends `bytes` and reads the first octets of the answer; false: too few. */
static bool ask(const struct sockaddr_storage *address, uint64_t deadline_us,
                struct slice bytes, uint8_t answer[ANSWER_OCTETS],
                size_t wanted)
{
	enum wire_end end;
	struct wire wire;
	size_t len = 0;

	if (!open_wire(&wire, address, deadline_us))
		return false;
	end = wire_send(&wire, bytes);
	while (end == WIRE_FINE && len < wanted) {
		size_t got = 0;

		end = wire_receive(&wire, answer + len, wanted - len, &got);
		len += got;
	}
	wire_close(&wire);
	return len == wanted;
}

bool sniff_http(const struct sockaddr_storage *address, const char *host,
                uint64_t deadline_us)
{
	uint8_t answer[ANSWER_OCTETS];
	char text[URL_AUTHORITY_BYTES + 64];

	snprintf(text, sizeof text,
	         "GET / HTTP/1.1\r\nHost: %.264s\r\nConnection: close\r\n\r\n",
	         host);
	return ask(address, deadline_us, slice_from_text(text), answer,
	           sizeof answer) &&
	       memcmp(answer, "HTTP/", sizeof answer) == 0;
}

bool sniff_tls(const struct sockaddr_storage *address, struct secure *secure,
               uint64_t deadline_us)
{
	struct wire wire;
	bool speaks;

	if (!open_wire(&wire, address, deadline_us))
		return false;
	speaks = secure_open(secure, &wire) == WIRE_FINE;
	wire_close(&wire);
	return speaks;
}

bool sniff_mqtt(const struct sockaddr_storage *address, uint64_t deadline_us)
{
	const struct mqtt_connect connect = { .level = MQTT_LEVEL_3_1_1,
		                              .clean = true };
	uint8_t packet[MQTT_COMPOSE_FRAME_BYTES];
	uint8_t answer[ANSWER_OCTETS];
	size_t len = mqtt_compose_connect(packet, sizeof packet, &connect);

	return len > 0 &&
	       ask(address, deadline_us, (struct slice){ packet, len }, answer,
	           2) &&
	       answer[0] == CONNACK_FIRST && answer[1] == CONNACK_LEN;
}
