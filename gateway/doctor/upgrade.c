/* SPDX-License-Identifier: Apache-2.0 */
#include "doctor/upgrade.h"

#include <stdio.h>
#include <string.h>

#include <openssl/evp.h>
#include <openssl/rand.h>

#include "doctor/clock.h"

#define KEY_OCTETS 16
#define GUID "258EAFA5-E914-47DA-95CA-C5AB0DC85B11" /* [RFC 6455 1.3] */
#define SHA1_OCTETS 20
#define ACCEPT_BYTES 32
#define REQUEST_BYTES 4096
#define BODY_WAIT_US CLOCK_S_US
#define SWITCHING 101

static bool make_key(char key[UPGRADE_KEY_BYTES])
{
	uint8_t octets[KEY_OCTETS];

	if (RAND_bytes(octets, sizeof octets) != 1)
		return false;
	EVP_EncodeBlock((unsigned char *)key, octets, sizeof octets);
	return true;
}

static enum wire_end send_request(const struct upgrade *upgrade,
                                  struct wire *wire, const struct url *url,
                                  const char *origin)
{
	char text[REQUEST_BYTES];
	int len = snprintf(text, sizeof text,
	                   "GET %s HTTP/1.1\r\n"
	                   "Host: %s\r\n"
	                   "Connection: Upgrade\r\n"
	                   "Pragma: no-cache\r\n"
	                   "Cache-Control: no-cache\r\n"
	                   "Upgrade: websocket\r\n"
	                   "Origin: %s\r\n"
	                   "Sec-WebSocket-Version: 13\r\n"
	                   "Sec-WebSocket-Key: %s\r\n"
	                   "Sec-WebSocket-Protocol: " UPGRADE_NOBODYS
	                   ", " UPGRADE_MQTT ", " UPGRADE_JSON "\r\n\r\n",
	                   url->target, url->authority, origin, upgrade->key);

	return wire_send(wire,
	                 (struct slice){ (const uint8_t *)text, (size_t)len });
}

/* Reads once more; false: no more comes. */
static bool read_on(struct upgrade *upgrade, struct wire *wire)
{
	size_t got = 0;

	if (upgrade->len == sizeof upgrade->buffer)
		return false;
	upgrade->wire_end =
	    wire_receive(wire, upgrade->buffer + upgrade->len,
	                 sizeof upgrade->buffer - upgrade->len, &got);
	upgrade->len += got;
	return upgrade->wire_end == WIRE_FINE;
}

static enum response_read look(struct upgrade *upgrade)
{
	return response_read((struct slice){ upgrade->buffer, upgrade->len },
	                     &upgrade->response);
}

/* What a refusal says tells who refuses; it is not worth long waiting. */
static void read_body(struct upgrade *upgrade, struct wire *wire)
{
	uint64_t soon = clock_us() + BODY_WAIT_US;
	size_t wanted;

	if (soon < wire->deadline_us)
		wire->deadline_us = soon;
	if (!response_body_len(&upgrade->response, &wanted))
		wanted = sizeof upgrade->buffer;
	while (upgrade->response.rest.len < wanted && read_on(upgrade, wire))
		(void)look(upgrade);
}

enum upgrade_end upgrade_ask(struct upgrade *upgrade, struct wire *wire,
                             const struct url *url, const char *origin)
{
	enum response_read read = RESPONSE_MORE;

	*upgrade = (struct upgrade){ .wire_end = WIRE_FINE };
	if (!make_key(upgrade->key))
		return UPGRADE_NO_ANSWER;
	upgrade->wire_end = send_request(upgrade, wire, url, origin);
	if (upgrade->wire_end != WIRE_FINE && upgrade->wire_end != WIRE_RESET)
		return UPGRADE_NO_ANSWER;
	while (read == RESPONSE_MORE && read_on(upgrade, wire))
		read = look(upgrade);
	if (read == RESPONSE_MORE)
		return upgrade->len > 0 && upgrade->wire_end != WIRE_LATE
		           ? UPGRADE_NOT_HTTP
		           : UPGRADE_NO_ANSWER;
	if (read == RESPONSE_NOT_HTTP)
		return UPGRADE_NOT_HTTP;
	if (upgrade->response.status != SWITCHING)
		read_body(upgrade, wire);
	return UPGRADE_ANSWERED;
}

bool upgrade_is_accepted(const struct upgrade *upgrade)
{
	char text[UPGRADE_KEY_BYTES + sizeof GUID];
	unsigned char digest[SHA1_OCTETS];
	char wanted[ACCEPT_BYTES];
	struct slice given;
	int len = snprintf(text, sizeof text, "%s%s", upgrade->key, GUID);

	if (EVP_Digest(text, (size_t)len, digest, NULL, EVP_sha1(), NULL) != 1)
		return false;
	EVP_EncodeBlock((unsigned char *)wanted, digest, sizeof digest);
	return response_field(&upgrade->response, "Sec-WebSocket-Accept",
	                      &given) &&
	       slice_is(given, wanted);
}
