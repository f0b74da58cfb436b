/* SPDX-License-Identifier: Apache-2.0 */
#include "front/quota.h"

#include "base/shared.h"
#include "base/turn.h"
#include "config/config.h"
#include "front/listener.h"
#include "front/room.h"
#include "front/ws.h"
#include "policy/policy.h"

/* Takes one of `most` places, if these are limited at all. */
static enum close_reason take_place(const struct front_room *room, uint64_t key,
                                    uint32_t most, enum close_reason if_none,
                                    uint64_t *place)
{
	switch (shared_take_place(room->shared, room->row, key, most)) {
	case SHARED_GRANTED:
		*place = key;
		return CLOSE_NONE;
	case SHARED_LIMIT_REACHED:
		return if_none;
	case SHARED_ROW_FULL:
		break;
	}
	return CLOSE_WORKER_FULL;
}

static bool keeps_pace(const struct listener *listener,
                       const struct remote *remote, uint32_t per_s)
{
	struct front_room *room = listener->room;
	uint64_t key = shared_key(room->shared, SHARED_PACE_AT_LISTENER,
	                          listener->name, remote);

	return shared_keeps_pace(room->shared, key, uv_now(room->loop), per_s);
}

enum close_reason quota_take_connection(const struct listener *listener,
                                        const struct remote *remote,
                                        uint64_t *place)
{
	const struct front_room *room = listener->room;

	*place = 0;
	if (listener_is_admin(listener) || remote->kind == REMOTE_NONE)
		return CLOSE_NONE;
	const struct config_listener *config = listener->policy->config;

	if (config->handshakes_per_s_per_address > 0 &&
	    !keeps_pace(listener, remote, config->handshakes_per_s_per_address))
		return CLOSE_HANDSHAKE_RATE;
	if (config->connections_per_address == 0)
		return CLOSE_NONE;
	return take_place(room,
	                  shared_key(room->shared, SHARED_PLACE_AT_LISTENER,
	                             listener->name, remote),
	                  config->connections_per_address, CLOSE_ADDRESS_LIMIT,
	                  place);
}

static enum close_reason take_in_route(struct ws *ws, const char *path,
                                       const struct remote *remote,
                                       uint32_t most, enum close_reason if_none,
                                       enum ws_place place)
{
	uint64_t key =
	    shared_key(ws->room->shared, SHARED_PLACE_IN_ROUTE, path, remote);

	return take_place(ws->room, key, most, if_none, &ws->places[place]);
}

void quota_give_place(const struct front_room *room, uint64_t place)
{
	if (place != 0)
		shared_give_place(room->row, place);
}

static void give_back(struct ws *ws, enum ws_place place)
{
	quota_give_place(ws->room, ws->places[place]);
	ws->places[place] = 0;
}

enum close_reason quota_take_session(struct ws *ws,
                                     const struct policy_route *route)
{
	const struct config_limits *limits = &route->config->limits;
	const char *path = route->config->path.value;
	enum close_reason reason = CLOSE_NONE;

	if (limits->sessions > 0)
		reason = take_in_route(ws, path, NULL, limits->sessions,
		                       CLOSE_SESSION_LIMIT, WS_PLACE_SESSION);
	if (reason != CLOSE_NONE || limits->sessions_per_address == 0 ||
	    ws->remote.kind == REMOTE_NONE)
		return reason;
	reason =
	    take_in_route(ws, path, &ws->remote, limits->sessions_per_address,
	                  CLOSE_ADDRESS_LIMIT, WS_PLACE_OF_ADDRESS);
	if (reason != CLOSE_NONE)
		give_back(ws, WS_PLACE_SESSION);
	return reason;
}

static struct turn_queue queue_of(const struct ws *ws,
                                  const struct policy_route *route)
{
	return (struct turn_queue){
		.shared = ws->room->shared,
		.upstream = route->upstream->name.value,
		.per_s = route->upstream->connects_per_s,
	};
}

enum close_reason quota_take_turn(struct ws *ws,
                                  const struct policy_route *route)
{
	const struct turn_queue queue = queue_of(ws, route);
	uint64_t now = uv_now(ws->room->loop);
	uint64_t wait_ms;

	if (turn_reserve(&queue, now, &wait_ms)) {
		ws->turn_ms = now + wait_ms;
		ws->route = route;
		return CLOSE_NONE;
	}
	ws->retry_ms = wait_ms;
	give_back(ws, WS_PLACE_SESSION);
	give_back(ws, WS_PLACE_OF_ADDRESS);
	return CLOSE_UPSTREAM_UNREACHABLE;
}

uint64_t quota_use_turn(struct ws *ws)
{
	uint64_t turn_ms = ws->turn_ms;

	ws->turn_ms = 0;
	return turn_ms;
}

/* Nobody has to wait for the turn of somebody who has left. */
static void give_turn_back(struct ws *ws)
{
	if (quota_use_turn(ws) == 0)
		return;
	const struct turn_queue queue = queue_of(ws, ws->route);

	turn_give_back(&queue);
}

void quota_give_all(struct ws *ws)
{
	give_turn_back(ws);
	for (int i = 0; i < WS_PLACES; i++)
		give_back(ws, (enum ws_place)i);
}
