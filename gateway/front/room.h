/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What all browsers of a worker share: the loop, the rules, the counters, and
 * what is under way for a moment only. Made by front/server; the other files
 * of this room know no more of the server than this.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <sys/resource.h>

#include <uv.h>

#include "base/log.h"
#include "base/shared.h"
#include "base/slice.h"
#include "front/http.h"
#include "policy/policy.h"

#define FRONT_DESCRIPTOR_RESERVE 16 /* kept for those who are in */
#define FRONT_SUBPROTOCOL_BYTES 64  /* lws refuses longer names itself */

struct gate;
struct ws;

/* What becomes of those who were let in is their owner's business. */
struct front_events {
	/* A browser has come in; false: there is no memory for it. */
	bool (*on_session)(void *owner, struct ws *ws);
	/* Sets the `page` at `path` of the admin listener; a path that has
	   none leaves it as it is. */
	void (*on_admin)(void *owner, struct slice path,
	                 struct http_page *page);
};

struct front_room {
	uv_loop_t *loop;
	const struct policy *policy;
	struct shared *shared;
	struct shared_row *row;
	const struct front_events *events;
	void *owner;           /* of the events */
	bool is_draining;      /* nobody else is let in */
	bool is_out_of_memory; /* nor is here, for now */
	rlim_t descriptors;    /* that the process may have */
	size_t connections;    /* accepted and not gone */
	size_t upgraded;       /* browsers past their handshake */
	size_t refused;        /* at accept, that wait for their answer */
	size_t clients;        /* browsers that have a client of ours */
	size_t clients_most;
	size_t waiting; /* octets that browsers did not take yet, at most */
	/* lws answers this name in the upgrade under way; may be empty. */
	char subprotocol[FRONT_SUBPROTOCOL_BYTES];
	struct gate *gates;  /* list: connections that wait for their header */
	struct ws *adopting; /* lws is taking it over just now */
	struct ws *due;      /* list: with something to tell lws */
	struct log_limit refusal_limit;
	struct log_limit flood_limit;    /* of refusals at accept */
	struct log_limit shortage_limit; /* of descriptors, of memory */
};
