/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The limits that hold over all workers, asked at the door: places for
 * connections of an address and their pace at accept, places for sessions at
 * the end of admission, and a turn to connect to the upstream. A ws holds its
 * places until it is destroyed; a turn passes.
 *
 * Who has no address (a Unix socket) has no limit by address.
 */
#pragma once

#include <stdint.h>

#include "base/attribute.h"
#include "base/close.h"
#include "base/remote.h"

struct front_room;
struct listener;
struct policy_route;
struct ws;

/*
 * Whether one more connection of `remote` may come in at `listener`. When it
 * may (CLOSE_NONE), `place` is what it holds from now on, or 0.
 */
enum close_reason quota_take_connection(const struct listener *listener,
                                        const struct remote *remote,
                                        uint64_t *place) MUST_CHECK;

/* Whether `ws` may have a session of `route`; it holds the places if so. */
enum close_reason
quota_take_session(struct ws *ws, const struct policy_route *route) MUST_CHECK;

/*
 * Whether the session of `ws` may soon connect to its upstream: it then has
 * ws->turn_ms for that. Otherwise it holds no places of a session any more,
 * and may come again in ws->retry_ms.
 */
enum close_reason quota_take_turn(struct ws *ws,
                                  const struct policy_route *route) MUST_CHECK;

/* The moment it had reserved, for its session, which connects now; or 0. */
uint64_t quota_use_turn(struct ws *ws);

/* Gives back a place of a connection; 0: there is none. */
void quota_give_place(const struct front_room *room, uint64_t place);

/* Gives back all places of `ws`, and a turn that was not used. */
void quota_give_all(struct ws *ws);
