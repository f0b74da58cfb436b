/* SPDX-License-Identifier: Apache-2.0 */
#include "policy/verdict.h"

#include <stdlib.h>

#include "mqtt/compose.h"

#define TOPIC_ALIAS_INVALID 0x94 /* [MQTT5 2.4] */

void verdict_init(struct verdict *verdict)
{
	verdict->written = NULL;
	verdict->ruling = VERDICT_PASS;
	verdict->answer.len = 0;
	verdict->code5 = 0;
}

void verdict_clear(struct verdict *verdict)
{
	free(verdict->written);
	verdict_init(verdict);
}

void verdict_close(struct verdict *verdict, enum close_reason reason)
{
	verdict->ruling = VERDICT_CLOSE;
	verdict->reason = reason;
}

void verdict_browser_fault(struct verdict *verdict, enum mqtt_fault fault)
{
	switch (fault) {
	case MQTT_FAULT_NONE:
		break;
	case MQTT_FAULT_MALFORMED:
		verdict_close(verdict, CLOSE_MALFORMED);
		break;
	case MQTT_FAULT_ALIAS:
		verdict->code5 = TOPIC_ALIAS_INVALID;
		verdict_close(verdict, CLOSE_PROTOCOL_ERROR);
		break;
	case MQTT_FAULT_PROTOCOL:
		verdict_close(verdict, CLOSE_PROTOCOL_ERROR);
		break;
	}
}

void verdict_broker_fault(struct verdict *verdict)
{
	verdict_close(verdict, CLOSE_UPSTREAM_GARBAGE);
}

void verdict_answer(struct verdict *verdict, uint8_t level, enum mqtt_type type,
                    uint16_t packet_id, uint8_t code)
{
	verdict->ruling = VERDICT_DROP;
	verdict->answer.data = verdict->ack;
	verdict->answer.len = mqtt_compose_ack(
	    verdict->ack, sizeof(verdict->ack), level, type, packet_id, code);
}

void verdict_open_message(struct verdict *verdict, struct packet_ids *ids,
                          uint16_t packet_id, uint32_t most)
{
	switch (packet_ids_put(ids, packet_id, most)) {
	case PACKET_IDS_PUT:
		break;
	case PACKET_IDS_FULL:
		verdict_close(verdict, CLOSE_FLOOD);
		break;
	case PACKET_IDS_MEMORY:
		verdict_close(verdict, CLOSE_INTERNAL);
		break;
	}
}

uint8_t *verdict_begin(struct verdict *verdict, size_t size)
{
	verdict->written = malloc(size);
	if (!verdict->written)
		verdict_close(verdict, CLOSE_INTERNAL);
	return verdict->written;
}

void verdict_replace(struct verdict *verdict, size_t len)
{
	verdict->ruling = VERDICT_REPLACE;
	verdict->packet = (struct slice){ verdict->written, len };
}

void verdict_send_back(struct verdict *verdict, size_t len)
{
	verdict->ruling = VERDICT_DROP;
	verdict->answer = (struct slice){ verdict->written, len };
}
