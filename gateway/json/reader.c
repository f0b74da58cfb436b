/* SPDX-License-Identifier: Apache-2.0 */
#include "json/reader.h"

#include "mqtt/protocol.h"
#include "json/string.h"

bool json_reader_refuse(struct json_reader *reader, uint8_t code,
                        const char *message)
{
	reader->error = json_error_of(code, message);
	return false;
}

bool json_reader_wrong(struct json_reader *reader, enum json_field field)
{
	return json_reader_refuse(reader, JSON_CODE_PROTOCOL,
	                          json_field_rule(field));
}

struct json_value *json_reader_find(const struct json_reader *reader,
                                    enum json_field field)
{
	return json_document_find(reader->document, reader->object, field);
}

struct slice json_reader_unescape(struct json_value *string)
{
	uint8_t *text = string->text + 1;

	return (struct slice){ text,
		               json_string_unescape(text, string->len - 2) };
}

bool json_reader_string(struct json_reader *reader, enum json_field field,
                        struct slice *string)
{
	struct json_value *value = json_reader_find(reader, field);

	if (!value)
		return true;
	if (value->kind != JSON_STRING)
		return json_reader_wrong(reader, field);
	*string = json_reader_unescape(value);
	return true;
}

bool json_reader_boolean(struct json_reader *reader, enum json_field field,
                         bool *out)
{
	const struct json_value *value = json_reader_find(reader, field);

	if (!value)
		return true;
	if (value->kind != JSON_BOOLEAN)
		return json_reader_wrong(reader, field);
	*out = value->text[0] == 't';
	return true;
}

/* Digits alone, and no more than 32 bits of them; JSON has no leading 0. */
static bool is_integer(const struct json_value *value, uint64_t *integer)
{
	uint64_t sum = 0;

	if (value->kind != JSON_NUMBER)
		return false;
	for (size_t i = 0; i < value->len; i++) {
		uint8_t octet = value->text[i];

		if (octet < '0' || octet > '9')
			return false;
		if (sum <= UINT32_MAX)
			sum = sum * 10 + (octet - (uint64_t)'0');
	}
	*integer = sum;
	return true;
}

bool json_reader_integer(struct json_reader *reader, enum json_field field,
                         uint32_t least, uint32_t most, uint32_t *out,
                         bool *is_there)
{
	const struct json_value *value = json_reader_find(reader, field);
	uint64_t integer;

	if (!value)
		return true;
	if (!is_integer(value, &integer) || integer < least || integer > most)
		return json_reader_wrong(reader, field);
	*out = (uint32_t)integer;
	if (is_there)
		*is_there = true;
	return true;
}

bool json_reader_qos(struct json_reader *reader, uint8_t *qos)
{
	const struct json_value *value =
	    json_reader_find(reader, JSON_FIELD_QOS);
	uint64_t integer;

	if (!value)
		return true;
	if (!is_integer(value, &integer))
		return json_reader_wrong(reader, JSON_FIELD_QOS);
	if (integer > MQTT_QOS_MAX)
		return json_reader_refuse(reader, JSON_CODE_QOS,
		                          json_field_rule(JSON_FIELD_QOS));
	*qos = (uint8_t)integer;
	return true;
}
