/* SPDX-License-Identifier: Apache-2.0 */
#include "front/ws.h"

#include <stdlib.h>
#include <string.h>

#include <libwebsockets.h>

#include "base/socket.h"
#include "front/listener.h"
#include "front/liveness.h"
#include "front/quota.h"
#include "front/room.h"
#include "front/trust.h"

_Static_assert(WS_HEADROOM >= LWS_PRE, "lws writes its header there");

/* Below this a write cannot have filled a socket that was writable. */
#define CHOKE_CHECK_BYTES 4096
#define WHY_BYTES 128 /* of a failure, for the log */

void ws_browser_finish(struct ws_browser *browser)
{
	free(browser->from);
	free(browser->origin);
	free(browser->user);
	*browser = (struct ws_browser){ 0 };
}

static void keep_address(struct ws_browser *browser,
                         const struct sockaddr_storage *address)
{
	bool is_inet =
	    address->ss_family == AF_INET || address->ss_family == AF_INET6;

	browser->client = (struct sockaddr_in6){ 0 };
	if (is_inet)
		memcpy(&browser->client, address, sizeof browser->client);
}

struct sockaddr_storage ws_browser_address(const struct ws_browser *browser)
{
	struct sockaddr_storage address = { 0 };

	memcpy(&address, &browser->client, sizeof browser->client);
	return address;
}

struct sockaddr_storage ws_local_address(const struct ws *ws)
{
	struct sockaddr_storage address = { 0 };
	socklen_t len = sizeof address;

	(void)getsockname(ws->fd, (struct sockaddr *)&address, &len);
	return address;
}

/* False: no memory for the text. */
static bool set_client(struct ws *ws, const struct sockaddr_storage *address)
{
	char text[SOCKET_TEXT_BYTES];

	keep_address(&ws->browser, address);
	socket_text(address, text, sizeof text);
	free(ws->browser.from);
	ws->browser.from = strdup(text);
	return ws->browser.from != NULL;
}

struct ws *ws_create(struct listener *listener, int fd,
                     const struct sockaddr_storage *address)
{
	struct ws *ws = calloc(1, sizeof *ws);

	if (!ws)
		return NULL;
	ws->room = listener->room;
	ws->listener = listener;
	ws->fd = fd;
	ws->browser.listener = listener->name;
	if (listener->policy)
		ws->browser.listener_number =
		    (size_t)(listener->policy -
		             listener->room->policy->listeners);
	ws->browser.is_asked = listener_asks_certificates(listener);
	(void)set_client(ws, address);
	ws->remote = listener_remote(listener, address);
	ws->is_from_proxy =
	    listener->trust && trust_has(listener->trust, address);
	listener->room->connections++;
	liveness_start(ws);
	return ws;
}

bool ws_set_client(struct ws *ws, const struct sockaddr_storage *address)
{
	ws->remote = remote_of(address);
	return set_client(ws, address);
}

static void on_tick_closed(uv_handle_t *handle)
{
	struct ws *ws = handle->data;

	ws_browser_finish(&ws->browser);
	free(ws);
}

static void unlist(struct ws *ws)
{
	struct ws **at = &ws->room->due;

	while (*at && *at != ws)
		at = &(*at)->next;
	if (*at)
		*at = ws->next;
}

static void set_waiting(struct ws *ws, size_t len)
{
	ws->room->waiting = ws->room->waiting - ws->waiting + len;
	ws->waiting = len;
}

void ws_destroy(struct ws *ws)
{
	if (!ws)
		return;
	quota_give_all(ws);
	ws->room->connections--;
	set_waiting(ws, 0);
	if (ws->is_due)
		unlist(ws);
	if (ws->state != WS_HANDSHAKE)
		ws->room->upgraded--;
	if (ws->refusal != CLOSE_NONE)
		ws->room->refused--;
	if (ws->has_client)
		ws->room->clients--;
	if (ws->room->adopting == ws)
		ws->room->adopting = NULL;
	uv_close((uv_handle_t *)&ws->tick, on_tick_closed);
}

void ws_set_owner(struct ws *ws, const struct ws_events *events, void *owner)
{
	ws->events = events;
	ws->owner = owner;
}

static void set_stalled(struct ws *ws)
{
	if (ws->is_stalled)
		return;
	ws->is_stalled = true;
	lws_callback_on_writable(ws->wsi);
	liveness_watch_stall(ws);
}

static bool write_message(struct ws *ws, uint8_t *data, size_t len,
                          enum lws_write_protocol type)
{
	if (lws_write(ws->wsi, data, len, type) < 0)
		return false;
	if (lws_partial_buffered(ws->wsi)) {
		set_waiting(ws, ws->waiting + len);
		set_stalled(ws);
	} else if (len >= CHOKE_CHECK_BYTES && lws_send_pipe_choked(ws->wsi)) {
		set_stalled(ws);
	}
	return true;
}

bool ws_send(struct ws *ws, uint8_t *data, size_t len)
{
	return write_message(ws, data, len, LWS_WRITE_BINARY);
}

bool ws_send_text(struct ws *ws, uint8_t *data, size_t len)
{
	return write_message(ws, data, len, LWS_WRITE_TEXT);
}

bool ws_is_full(const struct ws *ws)
{
	return ws->is_stalled;
}

static void settle_later(struct ws *ws)
{
	if (ws->is_due)
		return;
	ws->is_due = true;
	ws->next = ws->room->due;
	ws->room->due = ws;
}

void ws_pause(struct ws *ws)
{
	ws->is_paused = true;
	if (!ws->is_unread)
		settle_later(ws);
}

void ws_resume(struct ws *ws)
{
	ws->is_paused = false;
	if (ws->is_unread)
		settle_later(ws);
}

/*
 * Never from inside a callback of lws: with TLS bytes pending it would then
 * go round for ever on what it has cached (4.1.6, rops_handle_POLLIN_ws).
 */
static void read_on(struct ws *ws, bool does)
{
	ws->is_unread = !does;
	ws->heard_ms = uv_now(ws->room->loop);
	lws_rx_flow_control(ws->wsi, does | LWS_RXFLOW_REASON_FLAG_PROCESS_NOW);
	if (does)
		lws_callback_on_writable(ws->wsi); /* TLS bytes left behind */
	liveness_schedule(ws);
}

void ws_close(struct ws *ws, uint16_t code, const char *word)
{
	ws_set_owner(ws, NULL, NULL);
	if (ws->state != WS_OPEN)
		return;
	ws->state = WS_FLUSHING;
	ws->close_code = code;
	ws->close_word = word;
	settle_later(ws);
	liveness_watch_stall(ws);
}

void ws_cut(struct ws *ws, uint16_t code, const char *word)
{
	ws_close(ws, code, word);
	ws->is_cut = true;
	settle_later(ws);
}

/* What the browser did not take is of no use any more: no memory for it. */
static void discard_unsent(int fd)
{
	struct linger now = { .l_onoff = 1, .l_linger = 0 };

	(void)setsockopt(fd, SOL_SOCKET, SO_LINGER, &now, sizeof now);
	(void)shutdown(fd, SHUT_RDWR);
}

/* The three steps of notes/libwebsockets.md, "Closing". */
static void tell_lws(struct ws *ws)
{
	ws->state = WS_CLOSING;
	if (ws->is_unread) /* the browser's own close frame is to be read */
		read_on(ws, true);
	if (ws->close_code != 0)
		lws_close_reason(ws->wsi, (enum lws_close_status)ws->close_code,
		                 (unsigned char *)(uintptr_t)ws->close_word,
		                 strlen(ws->close_word));
	lws_set_timeout(ws->wsi, PENDING_TIMEOUT_CLOSE_SEND, LWS_TO_KILL_SYNC);
}

static void settle_close(struct ws *ws)
{
	bool holds_bytes = lws_partial_buffered(ws->wsi) != 0;

	if (holds_bytes && !ws->is_cut) {
		set_stalled(ws);
		return;
	}
	if (holds_bytes)
		discard_unsent(ws->fd);
	tell_lws(ws);
}

static void settle(struct ws *ws)
{
	if (ws->has_said_close)
		return;
	if (ws->state == WS_FLUSHING)
		settle_close(ws);
	else if (ws->state == WS_OPEN && ws->is_paused != ws->is_unread)
		read_on(ws, !ws->is_paused);
}

void ws_settle_all(struct front_room *room)
{
	while (room->due) {
		struct ws *ws = room->due;

		room->due = ws->next;
		ws->is_due = false;
		settle(ws);
	}
}

/* Any bytes will do as an answer to a ping. */
static void hear(struct ws *ws)
{
	ws->heard_ms = uv_now(ws->room->loop);
	if (!ws->is_ping_unanswered)
		return;
	ws->is_ping_unanswered = false;
	liveness_schedule(ws);
}

void ws_on_data(struct ws *ws, const struct ws_piece *piece)
{
	hear(ws);
	if (ws->state == WS_OPEN && !ws->has_said_close && ws->owner)
		ws->events->on_data(ws->owner, piece);
}

void ws_on_pong(struct ws *ws)
{
	hear(ws);
}

void ws_on_writable(struct ws *ws)
{
	if (!ws->is_stalled)
		return;
	if (lws_partial_buffered(ws->wsi)) {
		lws_callback_on_writable(ws->wsi);
		return;
	}
	ws->is_stalled = false;
	set_waiting(ws, 0);
	if (ws->state == WS_FLUSHING) {
		settle_later(ws);
		return;
	}
	liveness_schedule(ws);
	if (ws->owner)
		ws->events->on_drained(ws->owner);
}

void ws_on_close_frame(struct ws *ws, struct slice body)
{
	ws->has_said_close = true;
	if (body.len >= 2)
		ws->said_code = (uint16_t)(body.data[0] << 8 | body.data[1]);
}

static void log_failure(const struct ws *ws)
{
	char why[WHY_BYTES];

	tls_failure_text(&ws->failure, why, sizeof why);
	listener_refuse(ws->listener, ws->browser.from, CLOSE_TLS, why);
}

void ws_on_destroy(struct ws *ws)
{
	enum close_reason reason =
	    ws->has_said_close ? CLOSE_BROWSER_CLOSED : CLOSE_BROWSER_VANISHED;

	if (ws->owner)
		ws->events->on_gone(ws->owner, reason);
	if (ws->state == WS_HANDSHAKE && ws->failure.source != TLS_FAILURE_NONE)
		log_failure(ws);
	ws_destroy(ws);
}
