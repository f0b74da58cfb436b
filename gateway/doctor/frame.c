/* SPDX-License-Identifier: Apache-2.0 */
#include "doctor/frame.h"

#include <string.h>

#define LAST 0x80u
#define RESERVED 0x70u
#define OPCODE 0x0fu
#define MASKED 0x80u
#define LENGTH 0x7fu
#define LENGTH_16 126
#define LENGTH_64 127
#define FIRST_CONTROL 8

static bool is_known(uint8_t opcode)
{
	return opcode <= FRAME_BINARY ||
	       (opcode >= FRAME_CLOSE && opcode <= FRAME_PONG);
}

static uint64_t read_number(const uint8_t *at, size_t octets)
{
	uint64_t number = 0;

	for (size_t i = 0; i < octets; i++)
		number = number << 8 | at[i];
	return number;
}

/* Of the length field: the octets behind the two that all frames have. */
static size_t length_octets(uint8_t second)
{
	switch (second & LENGTH) {
	case LENGTH_16:
		return 2;
	case LENGTH_64:
		return 8;
	default:
		return 0;
	}
}

static bool is_fine(const uint8_t *head, uint64_t len)
{
	uint8_t opcode = head[0] & OPCODE;

	if ((head[0] & RESERVED) != 0 || (head[1] & MASKED) != 0)
		return false;
	if (opcode >= FIRST_CONTROL &&
	    (len > FRAME_CONTROL_MAX || (head[0] & LAST) == 0))
		return false;
	return is_known(opcode);
}

enum frame_read frame_read(struct slice *in, size_t most, struct frame *frame)
{
	struct slice rest = *in;

	if (rest.len < 2)
		return FRAME_MORE;

	const uint8_t *head = slice_take(&rest, 2).data;
	size_t octets = length_octets(head[1]);

	if (rest.len < octets)
		return FRAME_MORE;

	uint64_t len =
	    octets == 0 ? head[1] & LENGTH
	                : read_number(slice_take(&rest, octets).data, octets);

	if (!is_fine(head, len))
		return FRAME_BROKEN;
	if (len > most)
		return FRAME_TOO_LARGE;
	if (rest.len < len)
		return FRAME_MORE;
	frame->is_last = (head[0] & LAST) != 0;
	frame->opcode = head[0] & OPCODE;
	frame->payload = slice_take(&rest, (size_t)len);
	*in = rest;
	return FRAME_WHOLE;
}

static size_t write_head(uint8_t *head, enum frame_opcode opcode, size_t len)
{
	size_t octets = len < LENGTH_16 ? 0 : len <= UINT16_MAX ? 2 : 8;

	head[0] = (uint8_t)(LAST | (unsigned)opcode);
	head[1] = (uint8_t)(MASKED | (octets == 0   ? len
	                              : octets == 2 ? LENGTH_16
	                                            : LENGTH_64));
	for (size_t i = 0; i < octets; i++)
		head[2 + i] = (uint8_t)((uint64_t)len >> 8 * (octets - 1 - i));
	return 2 + octets;
}

size_t frame_write(uint8_t *buffer, size_t size, enum frame_opcode opcode,
                   const uint8_t mask[FRAME_MASK_OCTETS], struct slice payload)
{
	size_t len;

	if (size < FRAME_HEADER_OCTETS ||
	    payload.len > size - FRAME_HEADER_OCTETS)
		return 0;
	len = write_head(buffer, opcode, payload.len);
	memcpy(buffer + len, mask, FRAME_MASK_OCTETS);
	len += FRAME_MASK_OCTETS;
	for (size_t i = 0; i < payload.len; i++)
		buffer[len++] = payload.data[i] ^ mask[i % FRAME_MASK_OCTETS];
	return len;
}
