/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The steps of a visit, in their order. Each reports what it found, and gives
 * false where going on makes no sense.
 */
#pragma once

#include <stdbool.h>

#include "base/attribute.h"

struct visit;

enum step_dialect {
	STEP_DIALECT_NONE = 0, /* not to be gone on with; all is told */
	STEP_DIALECT_MQTT,
	STEP_DIALECT_JSON,
};

/* From the name to the addresses. */
MUST_CHECK bool step_dns(struct visit *visit);

/* To the first address that answers: an open wire. */
MUST_CHECK bool step_tcp(struct visit *visit);

/* TLS and the certificate. */
MUST_CHECK bool step_tls(struct visit *visit);

/* From HTTP to a WebSocket, and what is spoken in it. */
MUST_CHECK enum step_dialect step_upgrade(struct visit *visit);

/* All of a session, with goodbye. */
void step_mqtt(struct visit *visit);
void step_json(struct visit *visit);
