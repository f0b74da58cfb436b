/* SPDX-License-Identifier: Apache-2.0 */
#include "base/close.h"

#include <assert.h>

/* Codes: [RFC 6455 7.4.1], [MQTT5 2.4], [MQTT3 3.2.2.3]. */
static const struct close_answer answers[CLOSE_REASONS] = {
	[CLOSE_NONE] = { .word = "none" },

	[CLOSE_BAD_REQUEST] = { .word = "bad_request", .http = 400 },
	[CLOSE_NO_SUBPROTOCOL] = { .word = "no_subprotocol", .http = 400 },
	[CLOSE_ORIGIN_REPEATED] = { .word = "origin_repeated", .http = 400 },
	[CLOSE_UNAUTHENTICATED] = { .word = "unauthenticated", .http = 401 },
	[CLOSE_ORIGIN_ABSENT] = { .word = "origin_absent", .http = 403 },
	[CLOSE_ORIGIN_NULL] = { .word = "origin_null", .http = 403 },
	[CLOSE_ORIGIN_MALFORMED] = { .word = "origin_malformed", .http = 403 },
	[CLOSE_ORIGIN_UNKNOWN] = { .word = "origin_unknown", .http = 403 },
	[CLOSE_NO_ROUTE] = { .word = "no_route", .http = 404 },
	[CLOSE_BAD_METHOD] = { .word = "bad_method", .http = 405 },
	[CLOSE_BAD_HOST] = { .word = "bad_host", .http = 421 },
	[CLOSE_BAD_VERSION] = { .word = "bad_version", .http = 426 },
	[CLOSE_PROXY_HEADER] = { .word = "proxy_header", .http = 400 },
	[CLOSE_TLS] = { .word = "tls", .http = 400 },
	[CLOSE_ADDRESS_LIMIT] = { .word = "address_limit", .http = 429 },
	[CLOSE_HANDSHAKE_RATE] = { .word = "handshake_rate", .http = 429 },
	[CLOSE_SESSION_LIMIT] = { .word = "session_limit", .http = 503 },
	[CLOSE_WORKER_FULL] = { .word = "worker_full", .http = 503 },
	[CLOSE_DRAINING] = { .word = "draining", .http = 503 },
	[CLOSE_MEMORY] = { .word = "memory", .http = 503 },
	[CLOSE_DESCRIPTORS] = { .word = "descriptors", .http = 503 },

	[CLOSE_CONNECT_TIMEOUT] = { .word = "connect_timeout",
	                            .mqtt_frame = 1008,
	                            .json_frame = 4408 },
	[CLOSE_TEXT_FRAME] = { .word = "text_frame", .mqtt_frame = 1003 },
	[CLOSE_BAD_UTF8] = { .word = "bad_utf8", .json_frame = 1007 },
	[CLOSE_MALFORMED] = { .word = "malformed",
	                      .mqtt_frame = 1002,
	                      .json_frame = 4400,
	                      .connack5 = 0x81,
	                      .disconnect5 = 0x81 },
	[CLOSE_PROTOCOL_ERROR] = { .word = "protocol_error",
	                           .mqtt_frame = 1002,
	                           .json_frame = 4400,
	                           .connack5 = 0x82,
	                           .disconnect5 = 0x82 },
	[CLOSE_TOO_LARGE] = { .word = "too_large",
	                      .mqtt_frame = 1009,
	                      .json_frame = 4413,
	                      .connack5 = 0x95,
	                      .disconnect5 = 0x95 },
	[CLOSE_BAD_LOGIN] = { .word = "bad_login",
	                      .mqtt_frame = 1008,
	                      .json_frame = 4401,
	                      .connack5 = 0x86,
	                      .connack3 = 4 },
	[CLOSE_NOT_AUTHORISED] = { .word = "not_authorised",
	                           .mqtt_frame = 1008,
	                           .json_frame = 4403,
	                           .connack5 = 0x87,
	                           .connack3 = 5 },
	[CLOSE_CLIENT_ID] = { .word = "client_id",
	                      .mqtt_frame = 1008,
	                      .json_frame = 4403,
	                      .connack5 = 0x85,
	                      .connack3 = 2 },
	[CLOSE_EXPIRED] = { .word = "expired",
	                    .mqtt_frame = 1008,
	                    .json_frame = 4401,
	                    .disconnect5 = 0x87 },
	[CLOSE_POLICY_CHANGED] = { .word = "policy_changed",
	                           .mqtt_frame = 1008,
	                           .json_frame = 4403,
	                           .disconnect5 = 0x87 },
	[CLOSE_FLOOD] = { .word = "flood",
	                  .mqtt_frame = 1008,
	                  .json_frame = 4429,
	                  .disconnect5 = 0x97 },
	[CLOSE_SLOW_READER] = { .word = "slow_reader",
	                        .mqtt_frame = 1008,
	                        .json_frame = 1008 },
	[CLOSE_IDLE] = { .word = "idle",
	                 .mqtt_frame = 1001,
	                 .json_frame = 1001 },
	[CLOSE_UPSTREAM_UNREACHABLE] = { .word = "upstream_unreachable",
	                                 .http = 503,
	                                 .mqtt_frame = 1013,
	                                 .json_frame = 1013,
	                                 .connack5 = 0x88,
	                                 .connack3 = 3 },
	[CLOSE_UPSTREAM_REFUSED] = { .word = "upstream_refused",
	                             .mqtt_frame = 1008,
	                             .json_frame = 4503 },
	[CLOSE_UPSTREAM_CLOSED] = { .word = "upstream_closed",
	                            .mqtt_frame = 1012 },
	[CLOSE_UPSTREAM_GARBAGE] = { .word = "upstream_garbage",
	                             .mqtt_frame = 1014 },
	[CLOSE_TAKEN_OVER] = { .word = "taken_over",
	                       .mqtt_frame = 1008,
	                       .json_frame = 4409 },
	[CLOSE_DRAIN] = { .word = "drain",
	                  .mqtt_frame = 1001,
	                  .json_frame = 1001,
	                  .disconnect5 = 0x8B },
	[CLOSE_RELOAD] = { .word = "reload",
	                   .mqtt_frame = 1012,
	                   .json_frame = 1012,
	                   .disconnect5 = 0x8B },
	[CLOSE_INTERNAL] = { .word = "internal",
	                     .mqtt_frame = 1011,
	                     .json_frame = 1011 },

	[CLOSE_BROWSER_CLOSED] = { .word = "browser_closed" },
	[CLOSE_BROWSER_VANISHED] = { .word = "browser_vanished" },
};

const struct close_answer *close_answer(enum close_reason reason)
{
	assert(reason < CLOSE_REASONS);
	return &answers[reason];
}

bool close_refuses(enum close_reason reason)
{
	return close_answer(reason)->http != 0;
}

bool close_ends(enum close_reason reason)
{
	const struct close_answer *answer = close_answer(reason);

	return reason != CLOSE_NONE &&
	       (answer->http == 0 || answer->mqtt_frame != 0);
}
