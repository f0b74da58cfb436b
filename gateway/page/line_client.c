/* SPDX-License-Identifier: Apache-2.0 */
#include <stdlib.h>
#include <string.h>

#include "base/random.h"
#include "config/config.h"
#include "mqtt/compose.h"
#include "mqtt/connect.h"
#include "mqtt/protocol.h"
#include "page/page.h"
#include "page/room.h"
#include "page/will.h"
#include "policy/policy.h"
#include "session/session.h"
#include "session/steering.h"

#define CLIENT_ID_PREFIX "postern"
#define CLIENT_ID_OCTETS 8
#define KEEP_ALIVE_S 30u
#define EXPIRY_S 120u /* a broker that is away so long has forgotten */
#define CONNACK_S 10u /* after the upstream's own time to connect */
#define WINDOW 16u    /* requests under way, whatever the broker takes */
#define RETRY_FIRST_MS 1000u
#define RETRY_MOST_MS 30000u
#define STABLE_MS 2000 /* a connection that held so long was no failure */

_Static_assert(sizeof CLIENT_ID_PREFIX + 2 * CLIENT_ID_OCTETS <=
                   LINE_CLIENT_ID_BYTES,
               "it has room");

static struct line *line_of(void *owner)
{
	return &((struct session *)owner)->page->line;
}

static void on_near_data(void *owner, uint8_t *data, size_t len)
{
	struct session *session = owner;

	relay_from_browser(session, (struct slice){ data, len });
	steering_watch_packet(session, len);
}

static void on_near_full(void *owner)
{
	steering_settle(owner);
}

/* Paho has given the connection up: the news of it are on their way. */
static void on_near_closed(void *owner)
{
	session_end_relay(owner, relay_end_reason(owner));
}

static const struct stream_events near_events = {
	.on_data = on_near_data,
	.on_full = on_near_full,
	.on_drained = on_near_full,
	.on_closed = on_near_closed,
};

/* Our client only knows its token: this is the CONNECT that it means. */
static void enter(struct session *session, const struct mqtt_connect *connect)
{
	struct mqtt_connect edited = *connect;
	size_t size = MQTT_COMPOSE_FRAME_BYTES + LINE_CLIENT_ID_BYTES +
	              connect->properties.len + connect->will_properties.len +
	              connect->will_topic.len + connect->will_payload.len;
	uint8_t *packet = malloc(size);
	size_t len;

	if (!packet) {
		session_end_relay(session, CLOSE_INTERNAL);
		return;
	}
	edited.client_id = slice_from_text(session->page->line.client_id);
	len = mqtt_compose_connect(packet, size, &edited);
	relay_from_browser(session, (struct slice){ packet, len });
	free(packet);
}

static void on_arrival(void *owner, struct stream *stream,
                       const struct mqtt_connect *connect)
{
	struct session *session = owner;

	relay_close(session);
	stream_set_owner(stream, &near_events, session);
	stream_hasten(stream);
	relay_open(session, (struct near){ .stream = stream });
	session->relay.judge.own_topic = session->page->line.own_topic;
	enter(session, connect);
}

static size_t smaller(size_t a, size_t b)
{
	return a < b ? a : b;
}

static void on_connected(void *owner, bool has_session, uint16_t receive_max)
{
	struct session *session = owner;
	struct line *line = &session->page->line;

	/* It may have been lost again already. */
	if (session->relay.state != RELAY_OPEN)
		return;
	line->is_up = true;
	line->was_up = true;
	line->up_ms = uv_now(session->room->loop);
	line->window = smaller(smaller(receive_max, WINDOW),
	                       session->route->config->receive_max);
	line->events->on_up(session, has_session);
	line->has_been_up = true;
	if (session->state != SESSION_CLOSED)
		line_settle(session);
}

/* Full jitter: a crowd that lost its broker does not come back as one. */
static uint64_t draw_retry_ms(unsigned failures)
{
	uint64_t most = RETRY_FIRST_MS;

	while (failures-- > 0 && most < RETRY_MOST_MS)
		most *= 2;
	if (most > RETRY_MOST_MS)
		most = RETRY_MOST_MS;
	return (uint64_t)random() % (most + 1);
}

static void on_lost(void *owner)
{
	struct session *session = owner;
	struct line *line = &session->page->line;

	if (line->is_waiting) /* told twice */
		return;
	/* Paho may know of it first, and the broker have said why. */
	if (session->relay.state != RELAY_CLOSED)
		line_relay_ended(session, relay_end_reason(session));
	if (session->state == SESSION_CLOSED)
		return;
	if (line->was_up &&
	    uv_now(session->room->loop) - line->up_ms >= STABLE_MS)
		line->failures = 0;
	outbox_lost(&line->outbox);
	if (line->ending != CLOSE_NONE) {
		session_close(session, line->ending);
		return;
	}
	line->retry_ms = draw_retry_ms(line->failures++);
	line->is_waiting = true;
	alarm_set(&session->alarm, ALARM_RETRY, line->retry_ms);
	line->events->on_down(session);
	line->was_up = false;
	if (session->state != SESSION_CLOSED)
		line->events->on_settled(session);
}

static void on_written(void *owner, uint64_t number)
{
	struct request *request = outbox_find(&line_of(owner)->outbox, number);

	if (request && request->state == REQUEST_SENT)
		request->state = REQUEST_WRITTEN;
}

static void on_answer(void *owner, uint64_t number, const uint8_t *codes,
                      size_t count)
{
	struct request *request = outbox_find(&line_of(owner)->outbox, number);

	if (request)
		line_answer(owner, request, codes, count);
}

static void on_interrupted(void *owner, uint64_t number)
{
	struct line *line = line_of(owner);
	struct request *request = outbox_find(&line->outbox, number);

	if (!request)
		return;
	outbox_mark_waiting(&line->outbox, request);
	line_settle(owner);
}

static void on_message(void *owner, const struct message *message)
{
	line_of(owner)->events->on_message(owner, message);
}

static void on_broken(void *owner)
{
	session_close(owner, CLOSE_INTERNAL);
}

static const struct client_events client_events = {
	.on_arrival = on_arrival,
	.on_connected = on_connected,
	.on_lost = on_lost,
	.on_written = on_written,
	.on_answer = on_answer,
	.on_interrupted = on_interrupted,
	.on_message = on_message,
	.on_broken = on_broken,
};

static bool name_client(struct line *line)
{
	char *at = stpcpy(line->client_id, CLIENT_ID_PREFIX);

	return random_hex(at, CLIENT_ID_OCTETS);
}

static uint16_t keep_alive_s(const struct config_route *route)
{
	return route->max_keepalive_s > 0 &&
	               route->max_keepalive_s < KEEP_ALIVE_S
	           ? (uint16_t)route->max_keepalive_s
	           : (uint16_t)KEEP_ALIVE_S;
}

/* Before MQTT 5 a broker that keeps a session keeps it for good. */
static uint32_t expiry_s(const struct config_route *route)
{
	return route->persistent && route->mqtt_version == MQTT_LEVEL_5
	           ? EXPIRY_S
	           : 0;
}

/* Whether the route may give two sessions one client id, after the other. */
static bool shares_id(const struct policy_route *route)
{
	return route->client_id.kind == CLIENT_ID_KIND_REWRITE &&
	       !route->client_id.uses_client && !route->client_id.uses_session;
}

static struct client *open_client(struct session *session)
{
	const struct config_route *route = session->route->config;
	struct client_settings settings = {
		.version = (uint8_t)route->mqtt_version,
		.keep_alive_s = keep_alive_s(route),
		.connect_limit_s =
		    (uint16_t)(CONNACK_S +
		               session->route->upstream->connect_timeout_ms /
		                   1000),
		.expiry_s = expiry_s(route),
		.begins_clean = shares_id(session->route),
	};
	struct will will = { 0 };
	struct client *client;

	if (!will_write(&will, session)) {
		will_finish(&will);
		return NULL;
	}
	if (will.is_set)
		settings.will = &will.message;
	client = client_open(session->room->pages->clients, &settings,
	                     &client_events, session);
	will_finish(&will);
	return client;
}

bool line_open(struct session *session, const struct line_events *events,
               struct slice own_topic)
{
	struct line *line = &session->page->line;

	line->events = events;
	line->own_topic = own_topic;
	line->client = name_client(line) ? open_client(session) : NULL;
	return line->client && client_connect(line->client);
}
