/* SPDX-License-Identifier: Apache-2.0 */
#include "front/server.h"

#include <stdlib.h>
#include <string.h>

#include <libwebsockets.h>

#include "base/socket.h"
#include "front/gate.h"
#include "front/handshake.h"
#include "front/listener.h"
#include "front/liveness.h"
#include "front/ws.h"

#define RECEIVE_BYTES 1024 /* a piece from a browser; memory a session */
#define SEND_BYTES_MAX (SOCKET_CHUNK_BYTES + 4096) /* of one frame */
#define LWS_TIMEOUT_S 120 /* above header_timeout_ms, which is ours to keep */
#define HEADERS_AT_ONCE 65535 /* a cap, not an allocation */

struct server {
	struct front_room room;
	struct lws_context *context;
	struct lws_protocols protocols[3];
	lws_retry_bo_t no_keep_alive;
	uv_prepare_t turn_end;
	const struct server_socket *sockets;
	size_t socket_count;
	struct listener listeners[];
};

static struct ws *ws_of(struct lws *wsi)
{
	return lws_get_opaque_user_data(wsi);
}

/* Comes from inside listener's adoption, before lws knows the ws. */
static void on_created(struct server *server, struct lws *wsi)
{
	if (server->room.adopting)
		server->room.adopting->wsi = wsi;
}

static int on_established(struct front_room *room, struct ws *ws)
{
	ws->state = WS_OPEN;
	ws->browser.tls = tls_version(lws_get_ssl(ws->wsi));
	room->upgraded++;
	ws->heard_ms = uv_now(room->loop);
	liveness_schedule(ws);
	return room->events->on_session(room->owner, ws) ? 0 : -1;
}

static int on_receive(struct ws *ws, struct lws *wsi, void *in, size_t len)
{
	size_t left = lws_remaining_packet_payload(wsi);
	const struct ws_piece piece = {
		.bytes = { in, len },
		.is_text = !lws_frame_is_binary(wsi),
		.is_last = left == 0 && lws_is_final_fragment(wsi),
		.left = left,
	};

	ws_on_data(ws, &piece);
	return 0;
}

static int on_tls_context(struct lws *wsi, struct ssl_ctx_st *context)
{
	struct listener *listener = lws_vhost_user(lws_get_vhost(wsi));

	return tls_current_init(&listener->tls, context) ? 0 : -1;
}

static int callback(struct lws *wsi, enum lws_callback_reasons reason,
                    void *user, void *in, size_t len)
{
	struct server *server = lws_context_user(lws_get_context(wsi));

	switch ((int)reason) {
	case LWS_CALLBACK_OPENSSL_LOAD_EXTRA_SERVER_VERIFY_CERTS:
		return on_tls_context(wsi, user);
	case LWS_CALLBACK_OPENSSL_PERFORM_CLIENT_CERT_VERIFICATION:
		return !len; /* 0 would let in whoever OpenSSL refuses */
	case LWS_CALLBACK_HTTP:
		handshake_answer_plain(ws_of(wsi), wsi);
		return -1;
	case LWS_CALLBACK_HTTP_CONFIRM_UPGRADE: /* `in` may be freed memory */
		return handshake_judge(ws_of(wsi), wsi) ? 0 : -1;
	case LWS_CALLBACK_RAW_ADOPT: /* method CONNECT ends up here */
		return -1;
	case LWS_CALLBACK_ESTABLISHED:
		return on_established(&server->room, ws_of(wsi));
	case LWS_CALLBACK_RECEIVE:
		return on_receive(ws_of(wsi), wsi, in, len);
	case LWS_CALLBACK_RECEIVE_PONG:
		ws_on_pong(ws_of(wsi));
		return 0;
	case LWS_CALLBACK_SERVER_WRITEABLE:
		ws_on_writable(ws_of(wsi));
		return 0;
	case LWS_CALLBACK_WS_PEER_INITIATED_CLOSE:
		ws_on_close_frame(ws_of(wsi), (struct slice){ in, len });
		return 0;
	case LWS_CALLBACK_WSI_CREATE:
		on_created(server, wsi);
		return 0;
	case LWS_CALLBACK_WSI_DESTROY:
		ws_on_destroy(ws_of(wsi));
		return 0;
	default:
		return 0;
	}
}

static void on_lws_log(int level, const char *line)
{
	(void)level;
	log_debug("lws", LOG_FIELDS(log_slice(
	                     "line", (struct slice){ (const uint8_t *)line,
	                                             strcspn(line, "\n") })));
}

static void on_turn_end(uv_prepare_t *prepare)
{
	struct server *server = prepare->data;

	ws_settle_all(&server->room);
}

/*
 * Two protocols: lws takes the first for requests that name none, and the
 * second has whatever name the route has chosen for the upgrade under way.
 */
static void set_protocols(struct server *server)
{
	struct lws_protocols protocol = {
		.name = "(none)",
		.callback = callback,
		.rx_buffer_size = RECEIVE_BYTES,
		.tx_packet_size = SEND_BYTES_MAX,
	};

	server->protocols[0] = protocol;
	protocol.name = server->room.subprotocol;
	server->protocols[1] = protocol;
}

static unsigned short header_bytes(const struct policy *policy)
{
	uint32_t most = 4096;

	for (size_t i = 0; i < policy->listener_count; i++) {
		if (policy->listeners[i].config->header_bytes > most)
			most = policy->listeners[i].config->header_bytes;
	}
	return most > UINT16_MAX ? UINT16_MAX : (unsigned short)most;
}

static bool create_context(struct server *server)
{
	void *loops[] = { server->room.loop };
	struct lws_context_creation_info info = {
		.port = CONTEXT_PORT_NO_LISTEN,
		.options = LWS_SERVER_OPTION_LIBUV |
		           LWS_SERVER_OPTION_EXPLICIT_VHOSTS |
		           LWS_SERVER_OPTION_DO_SSL_GLOBAL_INIT |
		           LWS_SERVER_OPTION_DISABLE_OS_CA_CERTS,
		.foreign_loops = loops,
		.pcontext = &server->context,
		.user = server,
		.pt_serv_buf_size = SEND_BYTES_MAX,
		.max_http_header_data = header_bytes(server->room.policy),
		.max_http_header_pool = HEADERS_AT_ONCE,
		.timeout_secs = LWS_TIMEOUT_S,
		.retry_and_idle_policy = &server->no_keep_alive,
	};

	lws_set_log_level(LLL_ERR | LLL_WARN, on_lws_log);
	server->context = lws_create_context(&info);
	return server->context != NULL;
}

static bool create_vhost(struct server *server, struct listener *listener,
                         const struct server_socket *socket)
{
	struct lws_context_creation_info info = {
		.port = CONTEXT_PORT_NO_LISTEN_SERVER,
		.vhost_name = socket->name,
		.protocols = server->protocols,
		.alpn = "http/1.1",
		.options = LWS_SERVER_OPTION_DISABLE_OS_CA_CERTS,
		.timeout_secs = LWS_TIMEOUT_S,
		.retry_and_idle_policy = &server->no_keep_alive,
		.user = listener,
	};

	listener->tls.listener = socket->tls;
	listener->tls.tickets = (struct tls_tickets){
		.keys = shared_ticket_keys(server->room.shared),
		.listener = socket->name,
	};
	listener->trust = socket->trust;
	if (socket->tls)
		info.options |= LWS_SERVER_OPTION_CREATE_VHOST_SSL_CTX |
		                LWS_SERVER_OPTION_DO_SSL_GLOBAL_INIT;
	listener->vhost = lws_create_vhost(server->context, &info);
	return listener->vhost != NULL;
}

static bool create_listeners(struct server *server)
{
	for (size_t i = 0; i < server->socket_count; i++) {
		const struct server_socket *socket = &server->sockets[i];
		struct listener *listener = &server->listeners[i];

		if (!create_vhost(server, listener, socket))
			return false;
		listener_init(listener, &server->room, socket->policy,
		              socket->name, socket->fd, socket->is_shared);
	}
	return true;
}

struct server *server_create(const struct front_room *room,
                             const struct server_socket *sockets, size_t count)
{
	struct rlimit limit = { .rlim_cur = RLIM_INFINITY };
	struct server *server =
	    calloc(1, sizeof *server + count * sizeof server->listeners[0]);

	if (!server)
		return NULL;
	getrlimit(RLIMIT_NOFILE, &limit);
	server->room = *room;
	server->room.descriptors = limit.rlim_cur;
	server->sockets = sockets;
	server->socket_count = count;
	set_protocols(server);
	uv_prepare_init(room->loop, &server->turn_end);
	server->turn_end.data = server;
	uv_prepare_start(&server->turn_end, on_turn_end);
	if (create_context(server) && create_listeners(server))
		return server;
	log_error("libwebsockets could not be set up", NULL);
	return NULL;
}

void server_open(struct server *server)
{
	for (size_t i = 0; i < server->socket_count; i++)
		listener_open(&server->listeners[i]);
	shared_set(server->room.row, SHARED_IS_ACCEPTING, 1);
}

static void close_listeners(struct server *server, bool with_admin)
{
	for (size_t i = 0; i < server->socket_count; i++) {
		struct listener *listener = &server->listeners[i];

		if (with_admin || !listener_is_admin(listener))
			listener_close(listener);
	}
}

void server_drain(struct server *server)
{
	server->room.is_draining = true;
	shared_set(server->room.row, SHARED_IS_ACCEPTING, 0);
	close_listeners(server, false);
}

void server_retire(struct server *server)
{
	shared_set(server->room.row, SHARED_IS_ACCEPTING, 0);
	close_listeners(server, true);
}

bool server_is_empty(const struct server *server)
{
	return server->room.connections == 0;
}

bool server_prepare_tls(struct server *server, size_t index,
                        const struct tls_listener *tls)
{
	return tls_current_prepare(&server->listeners[index].tls, tls);
}

void server_adopt_tls(struct server *server, size_t index)
{
	tls_current_adopt(&server->listeners[index].tls);
}

void server_forget_tls(struct server *server, size_t index)
{
	tls_current_forget(&server->listeners[index].tls);
}

void server_set_out_of_memory(struct server *server, bool is_out)
{
	server->room.is_out_of_memory = is_out;
}

bool server_is_idle(const struct server *server)
{
	return server->room.upgraded == 0;
}

size_t server_waiting(const struct server *server)
{
	return server->room.waiting;
}

void server_close(struct server *server)
{
	close_listeners(server, true);
	gate_close_all(&server->room);
	uv_close((uv_handle_t *)&server->turn_end, NULL);
	lws_context_destroy(server->context);
}

/* On a foreign loop lws 4.1 frees itself at the second call only. */
void server_destroy(struct server *server)
{
	if (server->context)
		lws_context_destroy(server->context);
	for (size_t i = 0; i < server->socket_count; i++)
		tls_current_finish(&server->listeners[i].tls);
	free(server);
}
