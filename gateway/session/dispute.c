/* SPDX-License-Identifier: Apache-2.0 */
#include "session/dispute.h"

#include "base/log.h"
#include "base/takeover.h"
#include "config/config.h"
#include "session/session.h"

#define BUSY_MS 100 /* what it said last may be what the broker minds */
#define SECOND_MS 1000
#define ADVICE                                                                 \
	"two programs use this id: give each its own, or write client_id = "   \
	"\"rewrite:NAME-${session}\" on the route"

static uint64_t now_of(const struct session *session)
{
	return uv_now(session->room->loop);
}

static struct takeovers *takeovers_of(const struct session *session)
{
	return shared_takeovers(session->room->shared);
}

/* Of the id at its upstream; two keys that nobody can foresee make one. */
static uint64_t key_of(const struct session *session)
{
	const struct shared *shared = session->room->shared;
	const char *upstream = session->route->upstream->name.value;
	const char *id = session->relay.judge.entry.client_id;
	uint64_t key = shared_key(shared, SHARED_CLIENT_ID_AT, upstream, NULL) ^
	               shared_key(shared, SHARED_CLIENT_ID, id, NULL);

	return key == 0 ? 1 : key;
}

/* Whoever leaves it to the broker to name him has an id of his own. */
static bool has_id(const struct session *session)
{
	return session->relay.judge.entry.client_id[0] != '\0';
}

static void log_back_off(const struct session *session)
{
	const struct config_route *route = session->route->config;

	log_warning(
	    "client id is held back: clients take it from each other",
	    LOG_FIELDS(
	        log_text("client_id", session->relay.judge.entry.client_id),
	        log_text("from", session->browser.from),
	        log_text("route", route->path.value),
	        log_text("upstream", session->route->upstream->name.value),
	        log_number("seconds", TAKEOVER_BACKOFF_MS / SECOND_MS),
	        log_text("advice", ADVICE)));
}

static void count(const struct session *session, uint64_t key)
{
	if (!takeover_count(takeovers_of(session), key, now_of(session)))
		return;
	shared_count(session->room->row, SHARED_TAKEOVER_BACKOFFS, 1);
	log_back_off(session);
}

/* Whether the upstream did not end all connections at `ms`. */
static bool has_stayed(const struct session *session, uint64_t ms)
{
	const struct session *other = session->room->first;

	while (other && (other == session ||
	                 other->route->upstream != session->route->upstream ||
	                 other->relay.state != RELAY_OPEN ||
	                 other->relay.opened_ms >= ms))
		other = other->next;
	return other != NULL;
}

bool dispute_holds_back(struct session *session)
{
	struct takeovers *takeovers = takeovers_of(session);
	uint64_t now = now_of(session);
	uint64_t lost_ms;
	uint64_t key;

	if (!has_id(session))
		return false;
	key = key_of(session);
	if (takeover_was_suspected(takeovers, key, now, &lost_ms) &&
	    has_stayed(session, lost_ms))
		count(session, key);
	return takeover_backoff_ms(takeovers, key, now) > 0;
}

void dispute_lose(struct session *session)
{
	if (has_id(session))
		count(session, key_of(session));
}

void dispute_suspect(struct session *session)
{
	const struct relay *relay = &session->relay;
	const struct entry *entry = &relay->judge.entry;
	uint64_t quiet_ms = now_of(session) - relay->heard_ms;
	uint64_t alive_ms = entry->keep_alive_s * (uint64_t)SECOND_MS;

	if (!has_id(session) || !relay->has_connack ||
	    relay->connack_code != 0 || quiet_ms < BUSY_MS ||
	    (alive_ms > 0 && quiet_ms > alive_ms))
		return;
	takeover_suspect(takeovers_of(session), key_of(session),
	                 now_of(session));
}
