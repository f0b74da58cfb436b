/* SPDX-License-Identifier: Apache-2.0 */
#include "session/journal.h"

#include <stdio.h>
#include <string.h>

#include "base/log.h"
#include "config/config.h"
#include "session/session.h"

#define REFUSALS_PER_SECOND 1 /* of one session's CONNECT */
#define FIELDS_WHO 9
#define FIELDS_END 5 /* reason, up, down, seconds, and the end of the list */

/* Who and what the session is: the same in both of its lines. */
static void describe(const struct session *session, struct log_field *fields)
{
	const struct ws_browser *browser = &session->browser;
	const struct stream *stream = session->relay.stream;
	const struct entry *entry = &session->relay.judge.entry;
	const struct log_field who[FIELDS_WHO] = {
		log_text("user", entry->user),
		log_text("from", browser->from),
		log_text("origin", browser->origin),
		log_text("route", session->route->config->path.value),
		log_text("listener", browser->listener),
		log_text("tls", browser->tls),
		log_text("client_id", entry->client_id),
		log_text("upstream", stream ? stream_remote(stream) : "-"),
		log_text("local", stream ? stream_local(stream) : "-"),
	};

	memcpy(fields, who, sizeof who);
}

static void log_event(const struct session *session, const char *event,
                      const struct log_field *fields)
{
	char message[SESSION_ID_BYTES + 24];

	snprintf(message, sizeof message, "session %s %s", session->id, event);
	log_info(message, fields);
}

static void log_who(const struct session *session, const char *event)
{
	struct log_field fields[FIELDS_WHO + 1] = { 0 };

	describe(session, fields);
	log_event(session, event, fields);
}

void journal_opened(const struct session *session)
{
	log_who(session, "opened");
}

void journal_reconnected(const struct session *session)
{
	log_who(session, "reconnected");
}

void journal_refused(struct session *session, uint8_t code, const char *advice)
{
	char message[SESSION_ID_BYTES + 24];
	uint64_t suppressed;

	if (!log_limit_allows(&session->denied_limit,
	                      uv_now(session->room->loop), REFUSALS_PER_SECOND,
	                      &suppressed))
		return;
	snprintf(message, sizeof message, "session %s refused", session->id);
	log_warning(
	    message,
	    LOG_FIELDS(
	        log_number("code", code),
	        log_text("route", session->route->config->path.value),
	        log_text("upstream", session->relay.stream
	                                 ? stream_remote(session->relay.stream)
	                                 : "-"),
	        log_text("advice", advice),
	        log_number("suppressed", suppressed)));
}

void journal_dropped(const struct session *session, struct slice topic,
                     uint64_t count, uint64_t suppressed)
{
	char message[SESSION_ID_BYTES + 24];

	snprintf(message, sizeof message, "session %s dropped", session->id);
	log_warning(message, LOG_FIELDS(log_slice("topic", topic),
	                                log_number("count", count),
	                                log_number("suppressed", suppressed)));
}

void journal_closed(const struct session *session, enum close_reason reason)
{
	struct log_field fields[FIELDS_WHO + FIELDS_END] = { 0 };
	struct log_field *last = fields + 1 + FIELDS_WHO;
	uint64_t ms = uv_now(session->room->loop) - session->started_ms;
	char seconds[32];

	snprintf(seconds, sizeof seconds, "%llu.%03u",
	         (unsigned long long)(ms / 1000), (unsigned)(ms % 1000));
	fields[0] = log_text("reason", close_answer(reason)->word);
	describe(session, fields + 1);
	last[0] = log_number("up", session->bytes_up);
	last[1] = log_number("down", session->bytes_down);
	last[2] = log_text("seconds", seconds);
	log_event(session, "closed", fields);
}
