/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Packets, octet for octet, with what their reader must say of them: the
 * rows of a test of such a reader, and how they are run. For all packets it
 * is also a law that a reader that finds a fault has written nothing.
 */
#pragma once

#include <stddef.h>
#include <stdint.h>

#include "base/slice.h"
#include "mqtt/fault.h"
#include "mqtt/protocol.h"

#define LENGTH(array) (sizeof(array) / sizeof((array)[0]))
#define BYTES(bytes)                                                           \
	{                                                                      \
		(const uint8_t *)(bytes), sizeof(bytes) - 1                    \
	}

#define NONE MQTT_FAULT_NONE
#define MALFORMED MQTT_FAULT_MALFORMED
#define PROTOCOL MQTT_FAULT_PROTOCOL
#define CLIENT MQTT_SENDER_CLIENT
#define SERVER MQTT_SENDER_SERVER

struct sample {
	const char *what;
	uint8_t level;
	enum mqtt_fault fault; /* whichever side sends */
	struct slice packet;
};

/* A packet that one side may send and the other may not. */
struct sided_sample {
	const char *what;
	uint8_t level;
	enum mqtt_fault client; /* when a client sends it */
	enum mqtt_fault server;
	struct slice packet;
};

/*
 * Both run each row from either side through `read`, which hands it to the
 * reader of its packet; `out` is room for what that fills.
 */
void expect_samples(const struct sample *samples, size_t count,
                    enum mqtt_fault (*read)(struct slice packet, uint8_t level,
                                            enum mqtt_sender sender,
                                            void *out));
void expect_sided_samples(const struct sided_sample *samples, size_t count,
                          enum mqtt_fault (*read)(struct slice packet,
                                                  uint8_t level,
                                                  enum mqtt_sender sender,
                                                  void *out));
