/* SPDX-License-Identifier: Apache-2.0 */
#include "doctor/talk.h"

#include <stdio.h>
#include <string.h>

#include <openssl/rand.h>

#include "doctor/wire.h"

#define NORMAL "\x03\xe8" /* 1000 */
#define CODE_OCTETS 2
#define SEND_BYTES 20480 /* more than anything that the doctor sends */

void talk_init(struct talk *talk, struct wire *wire, struct slice early)
{
	talk->wire = wire;
	talk->close_code = 0;
	talk->close_word[0] = '\0';
	talk->used = 0;
	talk->len = early.len < sizeof talk->buffer ? early.len : 0;
	if (talk->len > 0)
		memcpy(talk->buffer, early.data, talk->len);
}

static enum talk_end end_of(enum wire_end end)
{
	switch (end) {
	case WIRE_FINE:
		return TALK_FINE;
	case WIRE_LATE:
		return TALK_LATE;
	case WIRE_CLOSED:
	case WIRE_RESET:
	case WIRE_BROKEN:
		break;
	}
	return TALK_GONE;
}

enum talk_end talk_send(struct talk *talk, enum frame_opcode opcode,
                        struct slice payload)
{
	uint8_t buffer[SEND_BYTES];
	uint8_t mask[FRAME_MASK_OCTETS];
	size_t len = 0;

	if (RAND_bytes(mask, sizeof mask) == 1)
		len = frame_write(buffer, sizeof buffer, opcode, mask, payload);
	if (len == 0)
		return TALK_GONE;

	enum wire_end end =
	    wire_send(talk->wire, (struct slice){ buffer, len });

	explicit_bzero(buffer, sizeof buffer); /* a password may be in it */
	return end_of(end);
}

static enum talk_end read_on(struct talk *talk)
{
	size_t got = 0;

	memmove(talk->buffer, talk->buffer + talk->used,
	        talk->len - talk->used);
	talk->len -= talk->used;
	talk->used = 0;
	if (talk->len == sizeof talk->buffer)
		return TALK_BROKEN;

	enum wire_end end = wire_receive(talk->wire, talk->buffer + talk->len,
	                                 sizeof talk->buffer - talk->len, &got);

	talk->len += got;
	return end_of(end);
}

static void keep_close(struct talk *talk, struct slice payload)
{
	talk->close_code = TALK_NO_CODE;
	if (payload.len < CODE_OCTETS)
		return;

	struct slice code = slice_take(&payload, CODE_OCTETS);

	talk->close_code = (uint16_t)(code.data[0] << 8 | code.data[1]);
	snprintf(talk->close_word, sizeof talk->close_word, "%.*s",
	         (int)payload.len, (const char *)payload.data);
}

/* The next frame of any sort. */
static enum talk_end take_frame(struct talk *talk, struct frame *frame)
{
	enum talk_end end = TALK_FINE;
	enum frame_read read = FRAME_MORE;

	while (end == TALK_FINE) {
		struct slice rest = { talk->buffer + talk->used,
			              talk->len - talk->used };

		read = frame_read(&rest, TALK_BYTES, frame);
		if (read == FRAME_WHOLE) {
			talk->used = talk->len - rest.len;
			return TALK_FINE;
		}
		end = read == FRAME_MORE ? read_on(talk) : TALK_BROKEN;
	}
	return end;
}

enum talk_end talk_receive(struct talk *talk, struct frame *frame)
{
	enum talk_end end;

	while ((end = take_frame(talk, frame)) == TALK_FINE) {
		switch (frame->opcode) {
		case FRAME_CLOSE:
			keep_close(talk, frame->payload);
			return TALK_CLOSED;
		case FRAME_PING:
			end = talk_send(talk, FRAME_PONG, frame->payload);
			if (end != TALK_FINE)
				return end;
			break;
		case FRAME_PONG:
			break;
		default:
			return TALK_FINE;
		}
	}
	return end;
}

enum talk_end talk_close(struct talk *talk)
{
	struct slice code = slice_from_text(NORMAL);
	struct frame frame;
	enum talk_end end = talk_send(talk, FRAME_CLOSE, code);

	while (end == TALK_FINE)
		end = talk_receive(talk, &frame);
	return end;
}
