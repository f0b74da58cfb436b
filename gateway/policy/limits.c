/* SPDX-License-Identifier: Apache-2.0 */
#include "policy/limits.h"

#include "config/config.h"

void limits_init(struct limits *limits, const struct config_limits *config,
                 uint64_t now_ms)
{
	limits->is_any = config->messages_per_s > 0 ||
	                 config->bytes_per_s > 0 ||
	                 config->subscribes_per_s > 0;
	bucket_init(&limits->messages, config->messages_per_s, now_ms);
	bucket_init(&limits->bytes, config->bytes_per_s, now_ms);
	bucket_init(&limits->subscribes, config->subscribes_per_s, now_ms);
}

void limits_count_bytes(struct limits *limits, size_t bytes, uint64_t now_ms)
{
	bucket_take(&limits->bytes, bytes, now_ms);
}

void limits_count_packet(struct limits *limits, enum mqtt_type type,
                         uint64_t now_ms)
{
	if (type == MQTT_PUBLISH)
		bucket_take(&limits->messages, 1, now_ms);
	else if (type == MQTT_SUBSCRIBE || type == MQTT_UNSUBSCRIBE)
		bucket_take(&limits->subscribes, 1, now_ms);
}

static uint64_t longer(uint64_t a, uint64_t b)
{
	return a > b ? a : b;
}

uint64_t limits_wait_ms(struct limits *limits, uint64_t now_ms)
{
	if (!limits->is_any)
		return 0;

	uint64_t wait = bucket_wait_ms(&limits->messages, now_ms);

	wait = longer(wait, bucket_wait_ms(&limits->bytes, now_ms));
	return longer(wait, bucket_wait_ms(&limits->subscribes, now_ms));
}
