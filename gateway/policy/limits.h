/* SPDX-License-Identifier: Apache-2.0 */
/*
 * How fast a session may send (route.limits): messages, bytes and SUBSCRIBEs
 * (UNSUBSCRIBEs too) in a second. What is over is not cut but waited for: the
 * owner reads no more from the browser as long as limits_wait_ms says. Time is
 * an argument.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "mqtt/protocol.h"
#include "policy/bucket.h"

struct config_limits;

struct limits {
	bool is_any; /* one of them is limited */
	struct bucket messages;
	struct bucket bytes;
	struct bucket subscribes;
};

void limits_init(struct limits *limits, const struct config_limits *config,
                 uint64_t now_ms);

/* What came from the browser. */
void limits_count_bytes(struct limits *limits, size_t bytes, uint64_t now_ms);
void limits_count_packet(struct limits *limits, enum mqtt_type type,
                         uint64_t now_ms);

/* Milliseconds until more may come; 0: now. */
uint64_t limits_wait_ms(struct limits *limits, uint64_t now_ms);
