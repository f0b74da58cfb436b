/* SPDX-License-Identifier: Apache-2.0 */
#include "json/request.h"

#include <stdlib.h>

#include "json/publish.h"
#include "json/reader.h"
#include "json/topics.h"

static const char *const type_names[] = {
	[JSON_REQUEST_SUBSCRIBE] = "subscribe",
	[JSON_REQUEST_UNSUBSCRIBE] = "unsubscribe",
	[JSON_REQUEST_PUBLISH] = "publish",
	[JSON_REQUEST_REQUEST] = "request",
	[JSON_REQUEST_AUTH] = "auth",
	[JSON_REQUEST_PING] = "ping",
};

#define TYPES (sizeof(type_names) / sizeof(type_names[0]))

/* It stays as it stands, for it is to come back so. */
static bool take_id(struct json_reader *reader, struct slice *id)
{
	const struct json_value *value =
	    json_reader_find(reader, JSON_FIELD_ID);

	if (!value)
		return true;
	if ((value->kind != JSON_STRING && value->kind != JSON_NUMBER) ||
	    value->len > JSON_ID_BYTES)
		return json_reader_wrong(reader, JSON_FIELD_ID);
	*id = (struct slice){ value->text, value->len };
	return true;
}

static bool take_type(struct json_reader *reader, enum json_request_type *type)
{
	struct slice name = { NULL, 0 };

	if (!json_reader_string(reader, JSON_FIELD_TYPE, &name))
		return false;
	for (size_t i = 1; name.data && i < TYPES; i++) {
		if (slice_is(name, type_names[i])) {
			*type = (enum json_request_type)i;
			return true;
		}
	}
	return json_reader_wrong(reader, JSON_FIELD_TYPE);
}

/* What the list of values cannot say. */
static bool check_document(struct json_reader *reader)
{
	if (reader->document->has_lone_surrogate)
		return json_reader_refuse(
		    reader, JSON_CODE_MALFORMED,
		    "a string has half a surrogate pair; send whole"
		    " characters");
	if (reader->document->is_overfull)
		return json_reader_refuse(reader, JSON_CODE_PROTOCOL,
		                          "too many values in one frame; send"
		                          " several");
	return true;
}

static bool take_token(struct json_reader *reader, struct slice *token)
{
	return json_reader_string(reader, JSON_FIELD_TOKEN, token) &&
	       (token->data || json_reader_wrong(reader, JSON_FIELD_TOKEN));
}

static bool take_rest(struct json_reader *reader, struct json_request *request)
{
	switch (request->type) {
	case JSON_REQUEST_SUBSCRIBE:
	case JSON_REQUEST_UNSUBSCRIBE:
		return json_topics_read(reader, request);
	case JSON_REQUEST_PUBLISH:
	case JSON_REQUEST_REQUEST:
		return json_publish_read(reader, request);
	case JSON_REQUEST_AUTH:
		return take_token(reader, &request->token);
	case JSON_REQUEST_PING:
		return true;
	case JSON_REQUEST_NONE:
		break;
	}
	return false;
}

static enum json_read interpret(struct json_document *document,
                                struct json_request *request)
{
	struct json_reader reader = { .document = document };

	if (take_id(&reader, &request->id) && check_document(&reader) &&
	    take_type(&reader, &request->type) && take_rest(&reader, request))
		return JSON_READ_FINE;
	if (reader.is_out_of_memory)
		return JSON_READ_MEMORY;
	request->error = reader.error;
	return JSON_READ_REFUSED;
}

enum json_read json_request_read(struct slice text,
                                 struct json_request *request)
{
	struct json_document document;
	enum json_read answer = json_document_read(text, &document);

	*request = (struct json_request){ 0 };
	if (answer == JSON_READ_FINE) {
		request->memory = document.memory;
		answer = interpret(&document, request);
		document.memory = NULL;
	}
	json_document_finish(&document);
	if (answer != JSON_READ_FINE && answer != JSON_READ_REFUSED)
		json_request_finish(request);
	return answer;
}

void json_request_finish(struct json_request *request)
{
	free(request->topics);
	free(request->properties.user_properties);
	free(request->memory);
	*request = (struct json_request){ 0 };
}
