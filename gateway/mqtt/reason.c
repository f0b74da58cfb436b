/* SPDX-License-Identifier: Apache-2.0 */
#include "mqtt/reason.h"

#include <stdbool.h>
#include <stddef.h>

#include "mqtt/properties.h"
#include "mqtt/reader.h"

#define IN(type) (1u << (type))
#define RECEIVED (IN(MQTT_PUBACK) | IN(MQTT_PUBREC))
#define RELEASED (IN(MQTT_PUBREL) | IN(MQTT_PUBCOMP))
#define DISCONNECT IN(MQTT_DISCONNECT)
#define AUTH IN(MQTT_AUTH)

/* What a client may say [MQTT5 3.4.2.1 to 3.7.2.1, 3.14.2.1, 3.15.2.1]. */
static const struct {
	uint8_t code;
	uint32_t places; /* packets where it may stand */
} codes[] = {
	{ 0x00, RECEIVED | RELEASED | DISCONNECT }, /* success */
	{ 0x04, DISCONNECT },                       /* with the will */
	{ 0x18, AUTH },                             /* continue */
	{ 0x19, AUTH },                             /* re-authenticate */
	{ 0x80, RECEIVED | DISCONNECT },            /* unspecified */
	{ 0x81, DISCONNECT },                       /* malformed packet */
	{ 0x82, DISCONNECT },                       /* protocol error */
	{ 0x83, RECEIVED | DISCONNECT }, /* implementation specific */
	{ 0x87, RECEIVED },              /* not authorized */
	{ 0x90, RECEIVED | DISCONNECT }, /* topic name invalid */
	{ 0x91, RECEIVED },              /* packet id in use */
	{ 0x92, RELEASED },              /* packet id not found */
	{ 0x93, DISCONNECT },            /* receive maximum exceeded */
	{ 0x94, DISCONNECT },            /* topic alias invalid */
	{ 0x95, DISCONNECT },            /* packet too large */
	{ 0x96, DISCONNECT },            /* message rate too high */
	{ 0x97, RECEIVED | DISCONNECT }, /* quota exceeded */
	{ 0x98, DISCONNECT },            /* administrative action */
	{ 0x99, RECEIVED | DISCONNECT }, /* payload format invalid */
};

static bool may_say(enum mqtt_type type, uint8_t code)
{
	for (size_t i = 0; i < sizeof(codes) / sizeof(codes[0]); i++) {
		if (codes[i].code == code)
			return codes[i].places & IN(type);
	}
	return false;
}

enum mqtt_fault mqtt_reason_read(struct slice rest, enum mqtt_type type,
                                 enum mqtt_sender sender, uint8_t *reason,
                                 struct slice *properties)
{
	struct mqtt_properties_used used = { 0 };
	enum mqtt_fault fault = MQTT_FAULT_NONE;
	struct slice list = { NULL, 0 };
	uint8_t code = 0;

	/* AUTH leaves out both or none [MQTT5 3.15.2.1]. */
	if (mqtt_reader_u8(&rest, &code) && (rest.len > 0 || type == MQTT_AUTH))
		fault = mqtt_properties_read(&rest, type, &used, &list);
	if (fault == MQTT_FAULT_NONE && rest.len > 0)
		fault = MQTT_FAULT_MALFORMED;
	if (fault == MQTT_FAULT_NONE && sender == MQTT_SENDER_CLIENT &&
	    !may_say(type, code))
		fault = MQTT_FAULT_PROTOCOL;
	if (fault == MQTT_FAULT_NONE) {
		*reason = code;
		*properties = list;
	}
	return fault;
}
