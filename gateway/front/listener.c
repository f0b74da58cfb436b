/* SPDX-License-Identifier: Apache-2.0 */
#include "front/listener.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include <libwebsockets.h>

#include "base/log.h"
#include "base/remote.h"
#include "base/shared.h"
#include "base/socket.h"
#include "config/config.h"
#include "front/gate.h"
#include "front/quota.h"
#include "front/room.h"
#include "front/trust.h"
#include "front/ws.h"
#include "policy/policy.h"

#define ADMIN_TIMEOUT_MS 5000
#define REST_AT_LIMIT_MS 100 /* then it looks whether descriptors are back */
#define REST_POLITE_MS 2
#define AHEAD_BY 4
#define ACCEPTS_A_TURN 32     /* so that sessions get their turn in a storm */
#define ACCEPTS_AT_CLOSE 4096 /* what is queued, lest it is reset */
#define LIMIT_LOGS_PER_SECOND 1
#define FLOOD_LOGS_PER_SECOND 2
#define REFUSED_MOST 256 /* that may have descriptors for their answer */
#define REFUSED_PART 4   /* of all descriptors, where there are few */

static void on_readable(uv_poll_t *poll, int status, int events);

static void start(struct listener *listener)
{
	uv_poll_start(&listener->poll, UV_READABLE, on_readable);
}

static void on_rested(uv_timer_t *timer);

static void rest(struct listener *listener, uint64_t ms)
{
	uv_poll_stop(&listener->poll);
	uv_timer_start(&listener->rest, on_rested, ms, 0);
}

/* Whether the next browser would get a number below the reserve. */
static bool has_room(const struct listener *listener)
{
	int spare = fcntl(listener->fd, F_DUPFD_CLOEXEC, 0);

	if (spare < 0)
		return false;
	close(spare);
	return (rlim_t)spare + FRONT_DESCRIPTOR_RESERVE <
	       listener->room->descriptors;
}

/* At once when one is back would mean to refuse those who have waited. */
static void on_rested(uv_timer_t *timer)
{
	struct listener *listener = timer->data;

	if (listener->is_at_limit && !has_room(listener)) {
		rest(listener, REST_AT_LIMIT_MS);
		return;
	}
	listener->is_at_limit = false;
	start(listener);
}

/* What keeps the connection in the queue, to be told of it again at once. */
static bool is_lasting(int error)
{
	return error == EMFILE || error == ENFILE || error == ENOBUFS ||
	       error == ENOMEM || error == EPERM;
}

static void rest_at_limit(struct listener *listener, int error)
{
	uint64_t suppressed;

	if (log_limit_allows(&listener->room->shortage_limit,
	                     uv_now(listener->poll.loop), LIMIT_LOGS_PER_SECOND,
	                     &suppressed))
		log_warning("accepting stands back",
		            LOG_FIELDS(log_text("listener", listener->name),
		                       log_text("why", strerror(error)),
		                       log_number("suppressed", suppressed)));
	listener->is_at_limit = true;
	rest(listener, REST_AT_LIMIT_MS);
}

static bool adopt(struct listener *listener, struct ws *ws)
{
	int type = LWS_ADOPT_SOCKET | LWS_ADOPT_HTTP;
	lws_adopt_desc_t info = { .vh = listener->vhost,
		                  .fd.sockfd = ws->fd,
		                  .opaque = ws };

	if (listener_has_tls(listener))
		type |= LWS_ADOPT_ALLOW_SSL;
	info.type = (lws_adoption_type)type;
	return lws_adopt_descriptor_vhost_via_info(&info) != NULL;
}

static void hand_over(struct listener *listener, struct ws *ws)
{
	listener->room->adopting = ws;
	tls_current_await(&listener->tls, &ws->failure);
	/* A failed adoption has closed fd; what lws made it destroys itself,
	   now or at the end of the turn. */
	if (!adopt(listener, ws) && listener->room->adopting && !ws->wsi)
		ws_destroy(ws);
	listener->room->adopting = NULL;
	tls_current_await(&listener->tls, NULL);
}

static void log_refusal(struct listener *listener, const char *from,
                        enum close_reason reason, const char *why)
{
	uint64_t suppressed;

	if (!log_limit_allows(&listener->room->flood_limit,
	                      uv_now(listener->poll.loop),
	                      FLOOD_LOGS_PER_SECOND, &suppressed))
		return;
	log_warning("handshake refused",
	            LOG_FIELDS(log_text("reason", close_answer(reason)->word),
	                       log_text("from", from),
	                       log_text("listener", listener->name),
	                       log_text("why", why),
	                       log_number("suppressed", suppressed)));
}

/* TLS is not spent on it, and a flood gets no descriptors to hold. */
static bool may_answer(const struct listener *listener)
{
	const struct front_room *room = listener->room;

	return !listener_has_tls(listener) && room->refused < REFUSED_MOST &&
	       room->refused < room->descriptors / REFUSED_PART;
}

void listener_refuse(struct listener *listener, const char *from,
                     enum close_reason reason, const char *why)
{
	shared_count(listener->room->row,
	             (enum shared_counter)(SHARED_REFUSALS + (int)reason), 1);
	log_refusal(listener, from, reason, why);
}

void listener_refuse_at(struct listener *listener,
                        const struct sockaddr_storage *address,
                        enum close_reason reason, const char *why)
{
	char from[SOCKET_TEXT_BYTES];

	socket_text(address, from, sizeof from);
	listener_refuse(listener, from, reason, why);
}

/* False when there is no memory. */
static bool keep(struct listener *listener, int fd,
                 const struct sockaddr_storage *address, uint64_t place,
                 enum close_reason refusal)
{
	struct ws *ws = ws_create(listener, fd, address);

	if (!ws)
		return false;
	ws->places[WS_PLACE_CONNECTION] = place;
	ws->refusal = refusal;
	if (refusal != CLOSE_NONE)
		listener->room->refused++;
	hand_over(listener, ws);
	return true;
}

void listener_take(struct listener *listener, int fd,
                   const struct sockaddr_storage *address)
{
	struct front_room *room = listener->room;
	struct remote remote = listener_remote(listener, address);
	uint64_t place;
	enum close_reason refusal =
	    quota_take_connection(listener, &remote, &place);

	if (refusal != CLOSE_NONE)
		listener_refuse_at(listener, address, refusal, NULL);
	if ((refusal == CLOSE_NONE || may_answer(listener)) &&
	    keep(listener, fd, address, place, refusal))
		return;
	quota_give_place(room, place);
	close(fd);
}

static bool asks_for_header(const struct listener *listener)
{
	return listener->policy && listener->policy->config->proxy_protocol;
}

static void take_accepted(struct listener *listener, int fd,
                          const struct sockaddr_storage *address)
{
	if (!listener_is_admin(listener))
		shared_count(listener->room->row, SHARED_CONNECTIONS, 1);
	if (asks_for_header(listener))
		gate_open(listener, fd, address);
	else
		listener_take(listener, fd, address);
}

/* Whether this worker has clearly more sessions than another one. */
static bool is_ahead(const struct front_room *room)
{
	return shared_get(room->row, SHARED_SESSIONS) >
	       shared_least_sessions(room->shared) + AHEAD_BY;
}

static void accept_some(struct listener *listener, int most)
{
	for (int i = 0; i < most; i++) {
		struct sockaddr_storage address = { 0 };
		socklen_t len = sizeof address;
		int fd = accept4(listener->fd, (struct sockaddr *)&address,
		                 &len, SOCK_NONBLOCK | SOCK_CLOEXEC);

		if (fd >= 0) {
			take_accepted(listener, fd, &address);
		} else if (is_lasting(errno)) {
			rest_at_limit(listener, errno);
			return;
		} else if (errno != ECONNABORTED && errno != EINTR) {
			return;
		}
	}
}

static void on_readable(uv_poll_t *poll, int status, int events)
{
	struct listener *listener = poll->data;

	(void)status;
	(void)events;
	if (listener->is_shared && !listener->has_stood_back &&
	    is_ahead(listener->room)) {
		listener->has_stood_back = true;
		rest(listener, REST_POLITE_MS);
		return;
	}
	listener->has_stood_back = false;
	accept_some(listener, ACCEPTS_A_TURN);
}

void listener_init(struct listener *listener, struct front_room *room,
                   const struct policy_listener *policy, const char *name,
                   int fd, bool is_shared)
{
	listener->room = room;
	listener->policy = policy;
	listener->name = name;
	listener->fd = fd;
	listener->is_shared = is_shared;
	uv_poll_init(room->loop, &listener->poll, fd);
	uv_timer_init(room->loop, &listener->rest);
	listener->poll.data = listener;
	listener->rest.data = listener;
}

void listener_open(struct listener *listener)
{
	start(listener);
}

static void on_poll_closed(uv_handle_t *handle)
{
	struct listener *listener = handle->data;

	close(listener->fd);
}

void listener_close(struct listener *listener)
{
	if (uv_is_closing((uv_handle_t *)&listener->poll))
		return;
	accept_some(listener, ACCEPTS_AT_CLOSE);
	uv_close((uv_handle_t *)&listener->poll, on_poll_closed);
	uv_close((uv_handle_t *)&listener->rest, NULL);
}

struct remote listener_remote(const struct listener *listener,
                              const struct sockaddr_storage *address)
{
	if (listener->trust && trust_has(listener->trust, address))
		return (struct remote){ .kind = REMOTE_NONE };
	return remote_of(address);
}

bool listener_is_admin(const struct listener *listener)
{
	return listener->policy == NULL;
}

bool listener_has_tls(const struct listener *listener)
{
	return listener->policy && listener->policy->config->tls.is_set;
}

bool listener_asks_certificates(const struct listener *listener)
{
	return listener_has_tls(listener) &&
	       listener->policy->config->tls.client_certificate !=
	           CONFIG_CLIENT_CERTIFICATE_NONE;
}

uint32_t listener_header_timeout_ms(const struct listener *listener)
{
	return listener->policy ? listener->policy->config->header_timeout_ms
	                        : ADMIN_TIMEOUT_MS;
}
