/* SPDX-License-Identifier: Apache-2.0 */
#include "json/payload.h"

#include "mqtt/utf8.h"
#include "json/scan.h"
#include "json/writer.h"

bool json_is_value(struct slice payload)
{
	_Static_assert(JSON_PAYLOAD_DEPTH <= JSON_SCAN_DEPTH_MAX,
	               "a payload can be scanned");
	return payload.len > 0 && mqtt_utf8_is_well_formed(payload) &&
	       json_scan(payload, JSON_PAYLOAD_DEPTH, NULL, NULL) ==
	           JSON_SCAN_FINE;
}

bool json_wrap_text(struct json_text *text, struct slice payload)
{
	struct json_writer writer;

	json_writer_begin(&writer, text);
	json_write_string(&writer, "message", payload);
	return json_writer_end(&writer);
}

void json_payload_write(struct json_writer *writer, struct slice payload,
                        enum json_form form)
{
	if (form == JSON_FORM_JSON && json_is_value(payload)) {
		json_write_raw(writer, "payload", payload);
		json_write_word(writer, "payload_encoding", "json");
	} else if (form != JSON_FORM_BASE64 &&
	           mqtt_utf8_is_well_formed(payload)) {
		json_write_string(writer, "payload", payload);
	} else {
		json_write_base64(writer, "payload", payload);
		json_write_word(writer, "payload_encoding", "base64");
	}
}
