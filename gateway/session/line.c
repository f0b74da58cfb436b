/* SPDX-License-Identifier: Apache-2.0 */
#include "session/line.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>

#include "config/config.h"
#include "mqtt/compose.h"
#include "mqtt/connect.h"
#include "mqtt/protocol.h"
#include "policy/policy.h"
#include "session/journal.h"
#include "session/session.h"
#include "session/steering.h"
#include "session/will.h"

#define CLIENT_ID_PREFIX "postern"
#define KEEP_ALIVE_S 30u
#define EXPIRY_S 120u /* a broker that is away so long has forgotten */
#define CONNACK_S 10u /* after the upstream's own time to connect */
#define WINDOW 16u    /* requests under way, whatever the broker takes */
#define RETRY_FIRST_MS 1000u
#define RETRY_MOST_MS 30000u
#define ENDING_MS 5000
#define REFUSED 135 /* not authorized [MQTT5 2.4] */
#define CONNACK3_VERSION 0x01
#define CONNACK5_VERSION 0x84
#define VERSION_ADVICE                                                         \
	"the broker knows no MQTT of this version: write another "             \
	"mqtt_version on the route"

static struct line *line_of(void *owner)
{
	return ((struct session *)owner)->line;
}

/* Requests. */

static void answer(struct session *session, struct request *request,
                   const uint8_t *codes, size_t count)
{
	struct line *line = session->line;

	line->events->on_answer(session, request, codes, count);
	if (session->state == SESSION_CLOSED)
		return;
	outbox_drop(&line->outbox, request);
	line_settle(session);
}

static bool send_request(struct line *line, const struct request *request)
{
	switch (request->kind) {
	case REQUEST_PUBLISH:
		return client_publish(line->client, request->number,
		                      &request->message);
	case REQUEST_SUBSCRIBE:
		return client_subscribe(line->client, request->number,
		                        request->filters,
		                        request->filter_count);
	case REQUEST_UNSUBSCRIBE:
		break;
	}
	return client_unsubscribe(line->client, request->number,
	                          request->filters, request->filter_count);
}

static bool send_some(struct line *line)
{
	struct request *request;

	while (line->is_up && line->outbox.under_way < line->window &&
	       (request = outbox_next(&line->outbox))) {
		if (!send_request(line, request))
			return false;
		outbox_mark_sent(&line->outbox, request);
	}
	return true;
}

void line_settle(struct session *session)
{
	struct line *line = session->line;

	if (!send_some(line))
		session_close(session, CLOSE_INTERNAL);
	else if (line->ending != CLOSE_NONE && line->outbox.count == 0)
		session_close(session, line->ending);
	else
		line->events->on_settled(session);
}

bool line_is_away(const struct session *session)
{
	return session->line->failures > 0;
}

bool line_is_behind(const struct session *session)
{
	return session->line->outbox.bytes >
	       session->route->config->limits.queue_bytes / 2;
}

bool line_is_full(const struct session *session, size_t size)
{
	const struct outbox *outbox = &session->line->outbox;
	size_t most = session->route->config->limits.queue_bytes;

	return outbox->count > 0 &&
	       (size > most || outbox->bytes > most - size);
}

void line_published(struct session *session, const struct mqtt_publish *publish,
                    size_t payload, bool is_refused)
{
	struct outbox *outbox = &session->line->outbox;
	uint8_t code = is_refused ? REFUSED : 0;
	struct request *request = NULL;

	if (publish->qos == 0)
		request = outbox_passed(outbox, publish->topic, payload);
	else if (is_refused)
		request = outbox_refused(outbox, publish->qos, publish->topic,
		                         payload);
	if (request)
		answer(session, request, &code, 1);
}

/* The client. */

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
	edited.client_id = slice_from_text(session->line->client_id);
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
	session->relay.judge.own_topic = session->line->own_topic;
	enter(session, connect);
}

static size_t smaller(size_t a, size_t b)
{
	return a < b ? a : b;
}

static void on_connected(void *owner, bool has_session, uint16_t receive_max)
{
	struct session *session = owner;
	struct line *line = session->line;

	/* It may have been lost again already. */
	if (session->relay.state != RELAY_OPEN)
		return;
	line->is_up = true;
	line->failures = 0;
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
	struct line *line = session->line;

	if (line->is_waiting) /* told twice */
		return;
	/* Paho may know of it first, and the broker have said why. */
	if (session->relay.state != RELAY_CLOSED)
		line_relay_ended(session, relay_end_reason(session));
	if (session->state == SESSION_CLOSED)
		return;
	outbox_lost(&line->outbox);
	if (line->ending != CLOSE_NONE) {
		session_close(session, line->ending);
		return;
	}
	line->retry_ms = draw_retry_ms(line->failures++);
	line->is_waiting = true;
	alarm_set(&session->alarm, ALARM_RETRY, line->retry_ms);
	line->events->on_down(session);
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
		answer(owner, request, codes, count);
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

/* From the first to the last. */

static bool name_client(struct line *line)
{
	uint64_t number;

	if (getrandom(&number, sizeof number, 0) != (ssize_t)sizeof number)
		return false;
	snprintf(line->client_id, sizeof line->client_id,
	         CLIENT_ID_PREFIX "%016llx", (unsigned long long)number);
	return true;
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
	};
	struct will will = { 0 };
	struct client *client;

	if (!will_write(&will, session)) {
		will_finish(&will);
		return NULL;
	}
	if (will.is_set)
		settings.will = &will.message;
	client = client_open(session->room->clients, &settings, &client_events,
	                     session);
	will_finish(&will);
	return client;
}

bool line_open(struct session *session, const struct line_events *events,
               struct slice own_topic)
{
	struct line *line = calloc(1, sizeof *line);

	if (!line)
		return false;
	session->line = line;
	line->events = events;
	line->own_topic = own_topic;
	line->client = name_client(line) ? open_client(session) : NULL;
	return line->client && client_connect(line->client);
}

void line_destroy(struct line *line)
{
	if (!line)
		return;
	client_close(line->client);
	outbox_finish(&line->outbox);
	free(line);
}

void line_due(struct session *session, enum alarm_cause cause)
{
	session->line->is_waiting = false;
	if (cause == ALARM_ENDING)
		session_close(session, session->line->ending);
	else if (!client_connect(session->line->client))
		session_close(session, CLOSE_INTERNAL);
}

void line_relay_opened(struct session *session)
{
	if (session->state == SESSION_OPENING)
		session_opened(session);
	else
		journal_reconnected(session);
	stream_hasten(session->relay.stream);
	relay_begin(session);
}

/* Whether trying again would come to the same. */
static bool is_final(enum close_reason reason)
{
	switch ((int)reason) {
	case CLOSE_UPSTREAM_UNREACHABLE:
	case CLOSE_UPSTREAM_CLOSED:
	case CLOSE_UPSTREAM_GARBAGE:
	case CLOSE_BROWSER_CLOSED: /* our client has said DISCONNECT */
	case CLOSE_BROWSER_VANISHED:
	case CLOSE_CONNECT_TIMEOUT:
		return false;
	default:
		return true;
	}
}

/* A broker that knows no such MQTT [MQTT3 3.2.2.3, MQTT5 3.2.2.2]. */
static bool is_of_version(uint8_t code)
{
	return code == CONNACK3_VERSION || code == CONNACK5_VERSION;
}

void line_relay_ended(struct session *session, enum close_reason reason)
{
	uint8_t code = session->relay.connack_code;

	session->line->is_up = false;
	if (code != 0)
		journal_refused(session, code,
		                is_of_version(code) ? VERSION_ADVICE : "-");
	if (is_of_version(code))
		reason = CLOSE_UPSTREAM_REFUSED;
	if (is_final(reason))
		session_close(session, reason);
	else
		relay_close(session);
}

/* Nobody is there to be held back any more. */
static void hurry(struct session *session)
{
	session->is_metered = false;
	session->limits.is_any = false;
	session->relay.is_held = false;
	if (session->relay.state == RELAY_OPEN)
		relay_go_on(session);
}

void line_end(struct session *session, enum close_reason reason)
{
	struct line *line = session->line;

	if (line->ending != CLOSE_NONE)
		return;
	line->ending = reason;
	if (!session->ws)
		hurry(session);
	if (line->outbox.count == 0 || (!line->is_up && line->has_been_up))
		session_close(session, reason);
	else
		alarm_set(&session->alarm, ALARM_ENDING, ENDING_MS);
}

void line_close(struct session *session)
{
	if (session->has_said_farewell)
		relay_disconnect(session);
	relay_close(session);
	client_close(session->line->client);
	session->line->client = NULL;
}
