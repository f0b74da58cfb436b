/* SPDX-License-Identifier: Apache-2.0 */
#include "json/topics.h"

#include <stdlib.h>

#include "mqtt/filter.h"
#include "json/reader.h"

#define RATE_MAX 1000000.0 /* messages a second */
#define RATE_BYTES 64      /* longest number that is looked at */
#define MS_PER_S 1000.0

static bool take_form(struct json_reader *reader, enum json_form *form)
{
	struct slice word = { NULL, 0 };

	if (!json_reader_string(reader, JSON_FIELD_AS, &word))
		return false;
	if (!word.data)
		return true;
	if (slice_is(word, "json"))
		*form = JSON_FORM_JSON;
	else if (slice_is(word, "base64"))
		*form = JSON_FORM_BASE64;
	else if (slice_is(word, "auto") || slice_is(word, "plain"))
		*form = JSON_FORM_AUTO;
	else
		return json_reader_wrong(reader, JSON_FIELD_AS);
	return true;
}

/* Rounded up, so that it is never more than was asked for. */
static uint32_t interval_of(double rate)
{
	double exact = MS_PER_S / rate;
	uint32_t interval_ms;

	if (exact >= (double)UINT32_MAX)
		return UINT32_MAX;
	interval_ms = (uint32_t)exact;
	return (double)interval_ms < exact ? interval_ms + 1 : interval_ms;
}

static bool take_interval(struct json_reader *reader, uint32_t *interval_ms)
{
	const struct json_value *value =
	    json_reader_find(reader, JSON_FIELD_MAX_RATE);
	double rate;

	if (!value)
		return true;
	if (value->kind != JSON_NUMBER || value->len > RATE_BYTES)
		return json_reader_wrong(reader, JSON_FIELD_MAX_RATE);
	/* The frame goes on after it, so there is always an end to it. */
	rate = strtod((const char *)value->text, NULL);
	if (!(rate > 0 && rate <= RATE_MAX))
		return json_reader_wrong(reader, JSON_FIELD_MAX_RATE);
	*interval_ms = interval_of(rate);
	return true;
}

/* What goes with a filter, in the object that `reader` is at. */
static bool take_options(struct json_reader *reader,
                         const struct json_request *request,
                         struct json_topic *topic)
{
	return request->type != JSON_REQUEST_SUBSCRIBE ||
	       (json_reader_qos(reader, &topic->qos) &&
	        take_form(reader, &topic->as) &&
	        take_interval(reader, &topic->interval_ms));
}

static bool add_topic(struct json_reader *reader, struct json_request *request,
                      const struct json_topic *topic)
{
	struct slice group, filter;

	if (mqtt_filter_read(topic->topic, &group, &filter) ==
	    MQTT_FILTER_MALFORMED)
		return json_reader_refuse(reader, JSON_CODE_FILTER,
		                          "this is no topic filter of MQTT");
	request->topics[request->topic_count++] = *topic;
	return true;
}

/* One entry of `topics`; `topic` has what stands beside them. */
static bool take_entry(struct json_reader *reader, struct json_request *request,
                       size_t at, struct json_topic topic)
{
	struct json_value *value = &reader->document->values[at];
	struct json_reader entry = *reader;

	if (value->kind == JSON_STRING) {
		topic.topic = json_reader_unescape(value);
		return add_topic(reader, request, &topic);
	}
	if (value->kind != JSON_OBJECT)
		return json_reader_wrong(reader, JSON_FIELD_TOPICS);
	entry.object = at;
	if (!json_reader_string(&entry, JSON_FIELD_TOPIC, &topic.topic) ||
	    !take_options(&entry, request, &topic)) {
		reader->error = entry.error;
		return false;
	}
	if (!topic.topic.data)
		return json_reader_wrong(reader, JSON_FIELD_TOPIC);
	return add_topic(reader, request, &topic);
}

static bool take_entries(struct json_reader *reader,
                         struct json_request *request,
                         const struct json_value *topics,
                         const struct json_topic *defaults)
{
	const struct json_document *document = reader->document;
	size_t list = (size_t)(topics - document->values);
	size_t at = json_document_next(document, list, list + 1);

	if (topics->kind != JSON_ARRAY)
		return json_reader_wrong(reader, JSON_FIELD_TOPICS);
	for (; at < topics->end;
	     at = json_document_next(document, list, at + 1)) {
		if (request->topic_count == JSON_TOPICS_MAX)
			return json_reader_wrong(reader, JSON_FIELD_TOPICS);
		if (!take_entry(reader, request, at, *defaults))
			return false;
	}
	return request->topic_count > 0 ||
	       json_reader_wrong(reader, JSON_FIELD_TOPICS);
}

bool json_topics_read(struct json_reader *reader, struct json_request *request)
{
	const struct json_value *topics =
	    json_reader_find(reader, JSON_FIELD_TOPICS);
	struct json_topic topic = { 0 };

	if (!json_reader_string(reader, JSON_FIELD_TOPIC, &topic.topic) ||
	    !take_options(reader, request, &topic))
		return false;
	if ((topics != NULL) == (topic.topic.data != NULL))
		return json_reader_wrong(reader, JSON_FIELD_TOPICS);
	request->topics = calloc(topics ? JSON_TOPICS_MAX : 1, sizeof(topic));
	if (!request->topics) {
		reader->is_out_of_memory = true;
		return false;
	}
	return topics ? take_entries(reader, request, topics, &topic)
	              : add_topic(reader, request, &topic);
}
