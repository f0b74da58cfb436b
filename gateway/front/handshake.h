/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Reads a request out of lws, asks the policy, and answers a refusal.
 *
 * The header traps of lws are cured here (origin-and-acl.md 1.1): lengths
 * count, not NULs; too long is refused, never absent; fields are counted.
 */
#pragma once

#include <stdbool.h>

struct lws;
struct ws;

/*
 * Judges the upgrade that `ws` asks for. True: it may go on, and ws->route
 * and ws->origin are set, the server's subprotocol chosen. False: answered,
 * logged, counted; lws is to close.
 */
bool handshake_judge(struct ws *ws, struct lws *wsi);

/* Answers a request that asks for no upgrade; lws is to close. */
void handshake_answer_plain(struct ws *ws, struct lws *wsi);
