/* SPDX-License-Identifier: Apache-2.0 */
#include "session/chatter.h"

#include "mqtt/ack.h"
#include "mqtt/protocol.h"
#include "mqtt/publish.h"

void chatter_finish(struct chatter *chatter)
{
	packet_ids_finish(&chatter->under_way);
}

static bool is_repeat(struct chatter *chatter, struct slice head, uint8_t level)
{
	struct mqtt_publish publish;

	if (mqtt_publish_read(head, level, MQTT_SENDER_CLIENT, &publish) !=
	        MQTT_FAULT_NONE ||
	    publish.qos == 0)
		return false;
	if (publish.is_duplicate &&
	    packet_ids_has(&chatter->under_way, publish.packet_id))
		return true;
	/* Without memory for it a repeat may pass, as MQTT allows. */
	(void)!packet_ids_put(&chatter->under_way, publish.packet_id,
	                      UINT16_MAX);
	return false;
}

bool chatter_is(struct chatter *chatter, struct slice head, uint8_t level)
{
	switch ((int)mqtt_type_of(head.data[0])) {
	case MQTT_DISCONNECT:
		return true;
	case MQTT_PUBLISH:
		return is_repeat(chatter, head, level);
	default:
		return false;
	}
}

void chatter_refused(struct chatter *chatter, uint16_t packet_id)
{
	packet_ids_drop(&chatter->under_way, packet_id);
}

void chatter_answered(struct chatter *chatter, struct slice head, uint8_t level)
{
	enum mqtt_type type = mqtt_type_of(head.data[0]);
	struct mqtt_ack ack;

	if (type != MQTT_PUBACK && type != MQTT_PUBREC && type != MQTT_PUBCOMP)
		return;
	if (mqtt_ack_read(head, level, MQTT_SENDER_SERVER, &ack) !=
	    MQTT_FAULT_NONE)
		return;
	if (type != MQTT_PUBREC || ack.reason >= MQTT_REASON_FAILURE)
		packet_ids_drop(&chatter->under_way, ack.packet_id);
}
