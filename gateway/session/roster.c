/* SPDX-License-Identifier: Apache-2.0 */
#include "session/roster.h"

#include "base/archive.h"
#include "config/config.h"
#include "session/session.h"

static void describe(const struct session *session, struct record *record)
{
	const struct relay *relay = &session->relay;
	const struct ws_browser *browser = &session->browser;

	*record = (struct record){
		.sort = RECORD_SESSION,
		.worker = session->room->worker,
		.since_ms = relay->listed.since_ms,
		.texts = {
			[RECORD_ID] = session->id,
			[RECORD_USER] = relay->judge.entry.user,
			[RECORD_FROM] = browser->from,
			[RECORD_ORIGIN] = browser->origin,
			[RECORD_ROUTE] = session->route->config->path.value,
			[RECORD_LISTENER] = browser->listener,
			[RECORD_TLS] = browser->tls,
			[RECORD_CLIENT_ID] = relay->judge.entry.client_id,
			[RECORD_UPSTREAM] = stream_remote(relay->stream),
			[RECORD_LOCAL] = stream_local(relay->stream),
		},
	};
}

void roster_enter(struct session *session)
{
	struct roster_entry *entry = &session->relay.listed;
	struct record_packed packed;
	struct record record;

	entry->since_ms = record_now_ms();
	describe(session, &record);
	record_pack(&record, &packed);
	entry->ticket = archive_add(session->room->archive, &packed);
}

void roster_leave(struct session *session, enum close_reason reason)
{
	struct roster_entry *entry = &session->relay.listed;
	struct record_packed packed;
	struct record record;

	if (entry->since_ms == 0)
		return;
	describe(session, &record);
	record.until_ms = record_now_ms();
	record.reason = reason;
	record_pack(&record, &packed);
	archive_amend(session->room->archive, entry->ticket, &packed);
	*entry = (struct roster_entry){ 0 };
}

void roster_find(const struct session_room *room,
                 const struct question *question, roster_found *found,
                 void *owner)
{
	struct record_packed packed;
	struct record record;

	for (const struct session *s = room->first; s; s = s->next) {
		if (s->relay.listed.since_ms == 0)
			continue;
		describe(s, &record);
		if (!question_is_about(question, &record))
			continue;
		record_pack(&record, &packed);
		found(owner, &packed);
	}
}
