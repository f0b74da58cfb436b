/* SPDX-License-Identifier: Apache-2.0 */
#include "front/liveness.h"

#include <libwebsockets.h>

#include "base/socket.h"
#include "config/config.h"
#include "front/listener.h"
#include "front/room.h"
#include "front/ws.h"
#include "policy/policy.h"

#define STALL_LOOK_MS 500
#define UNREAD_LOOK_MS 500

static void on_tick(uv_timer_t *timer);

static void set_tick(struct ws *ws, uint64_t in_ms)
{
	uv_timer_start(&ws->tick, on_tick, in_ms, 0);
}

static uint64_t now(const struct ws *ws)
{
	return uv_now(ws->tick.loop);
}

static uint64_t stall_ms(const struct ws *ws)
{
	return ws->route->config->stall_s * UINT64_C(1000);
}

/* Ends it: nobody waits for a browser that is found dead. */
static void give_up(struct ws *ws, enum close_reason reason)
{
	const struct ws_events *events = ws->events;
	void *owner = ws->owner;

	ws_cut(ws, close_answer(reason)->mqtt_frame,
	       close_answer(reason)->word);
	if (owner)
		events->on_gone(owner, reason);
}

static void look_for_progress(struct ws *ws)
{
	size_t outstanding = socket_outstanding(ws->fd);

	if (outstanding != ws->outstanding) {
		ws->outstanding = outstanding;
		ws->moved_ms = now(ws);
	}
	if (now(ws) - ws->moved_ms >= stall_ms(ws))
		give_up(ws, CLOSE_SLOW_READER);
	else
		set_tick(ws, STALL_LOOK_MS);
}

static void ping(struct ws *ws)
{
	/* Not empty: lws 4.1 keeps the pong of an empty ping to itself. */
	uint8_t frame[LWS_PRE + 1] = { 0 };

	ws->is_ping_unanswered = true;
	ws->pinged_ms = now(ws);
	(void)lws_write(ws->wsi, frame + LWS_PRE, 1, LWS_WRITE_PING);
	liveness_schedule(ws);
}

static bool is_due(const struct ws *ws, uint64_t since_ms, uint32_t after_s)
{
	return now(ws) - since_ms >= after_s * UINT64_C(1000);
}

/* A browser that is not read cannot answer pings; its reset still shows. */
static void look_for_reset(struct ws *ws)
{
	if (socket_is_reset(ws->fd))
		give_up(ws, CLOSE_BROWSER_VANISHED);
	else
		liveness_schedule(ws);
}

static void look_for_life(struct ws *ws)
{
	const struct config_route *route = ws->route->config;

	if (ws->is_ping_unanswered && is_due(ws, ws->pinged_ms, route->pong_s))
		give_up(ws, CLOSE_IDLE);
	else if (!ws->is_ping_unanswered &&
	         is_due(ws, ws->heard_ms, route->ping_s))
		ping(ws);
	else
		liveness_schedule(ws);
}

static void look(struct ws *ws)
{
	if (ws->is_stalled)
		look_for_progress(ws);
	else if (ws->is_unread)
		look_for_reset(ws);
	else
		look_for_life(ws);
}

static void on_tick(uv_timer_t *timer)
{
	struct ws *ws = timer->data;

	switch (ws->state) {
	case WS_HANDSHAKE:
		lws_set_timeout(ws->wsi, PENDING_TIMEOUT_USER_REASON_BASE,
		                LWS_TO_KILL_SYNC);
		break;
	case WS_OPEN:
		look(ws);
		break;
	case WS_FLUSHING:
		look_for_progress(ws);
		break;
	case WS_CLOSING: /* lws has a time limit of its own for that */
		break;
	}
}

void liveness_start(struct ws *ws)
{
	uv_timer_init(ws->room->loop, &ws->tick);
	ws->tick.data = ws;
	set_tick(ws, listener_header_timeout_ms(ws->listener));
}

static uint64_t due_ms(const struct ws *ws)
{
	const struct config_route *route = ws->route->config;

	if (ws->is_unread)
		return now(ws) + UNREAD_LOOK_MS;
	if (ws->is_ping_unanswered)
		return ws->pinged_ms + route->pong_s * UINT64_C(1000);
	return ws->heard_ms + route->ping_s * UINT64_C(1000);
}

void liveness_schedule(struct ws *ws)
{
	uint64_t due = due_ms(ws);

	if (!ws->is_stalled)
		set_tick(ws, due > now(ws) ? due - now(ws) : 0);
}

void liveness_watch_stall(struct ws *ws)
{
	ws->moved_ms = now(ws);
	ws->outstanding = socket_outstanding(ws->fd);
	set_tick(ws, STALL_LOOK_MS);
}
