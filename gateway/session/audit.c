/* SPDX-License-Identifier: Apache-2.0 */
#include "session/audit.h"

#include "base/log.h"
#include "config/config.h"
#include "mqtt/protocol.h"
#include "session/session.h"

#define DENIED_PER_SECOND 10 /* lines of one session */
#define LOG_LOOK_MS 5

static bool is_audited(const struct session *session,
                       enum verdict_ruling ruling)
{
	enum config_audit audit = session->route->config->audit;

	return audit == CONFIG_AUDIT_PUBLISH ||
	       (audit == CONFIG_AUDIT_REFUSED && ruling == VERDICT_DROP);
}

void audit_publish(const struct session *session, const struct verdict *verdict)
{
	const struct mqtt_publish *publish = &verdict->publish;
	const struct ws_browser *browser = &session->browser;
	const struct relay *relay = &session->relay;

	if (verdict->ruling == VERDICT_CLOSE ||
	    !is_audited(session, verdict->ruling))
		return;
	log_audit("audit publish",
	          LOG_FIELDS(log_text("verdict", verdict->ruling == VERDICT_DROP
	                                             ? "refused"
	                                             : "accepted"),
	                     log_text("session", session->id),
	                     log_text("user", relay->judge.entry.user),
	                     log_text("from", browser->from),
	                     log_text("origin", browser->origin),
	                     log_slice("topic", publish->topic),
	                     log_number("qos", publish->qos),
	                     log_text("retain",
	                              publish->is_retained ? "true" : "false"),
	                     log_number("size", relay->up.scanner.body_left)));
}

/* One look at a time is enough for all sessions. */
bool audit_is_behind(const struct session *session)
{
	struct session_room *room = session->room;
	uint64_t now = uv_now(room->loop);

	if (session->route->config->audit == CONFIG_AUDIT_NONE)
		return false;
	if (now >= room->log_tried_ms + LOG_LOOK_MS) {
		room->log_tried_ms = now;
		room->is_log_behind = log_is_behind();
	}
	return room->is_log_behind;
}

static void on_denied(void *owner, enum denial denial, struct slice topic)
{
	struct session *session = owner;
	const char *word = denial_word(denial);
	struct log_limit *limit = denial == DENIAL_DELIVER
	                              ? &session->withheld_limit
	                              : &session->denied_limit;
	uint64_t suppressed;

	shared_count_denied(session->room->shared, session->route_number,
	                    denial);
	/* Its line is the audit's. */
	if (denial == DENIAL_PUBLISH &&
	    session->route->config->audit != CONFIG_AUDIT_NONE)
		return;
	if (log_limit_allows(limit, uv_now(session->room->loop),
	                     DENIED_PER_SECOND, &suppressed))
		log_warning(
		    "access denied",
		    LOG_FIELDS(
		        log_text("operation", word), log_slice("topic", topic),
		        log_text("session", session->id),
		        log_text("user", session->relay.judge.entry.user),
		        log_text("route", session->route->config->path.value),
		        log_number("suppressed", suppressed)));
}

const struct judge_events audit_events = { .on_denied = on_denied };
