/* SPDX-License-Identifier: Apache-2.0 */
#include "front/handshake.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <libwebsockets.h>

#include "base/log.h"
#include "base/shared.h"
#include "config/config.h"
#include "front/http.h"
#include "front/listener.h"
#include "front/quota.h"
#include "front/room.h"
#include "front/trust.h"
#include "front/ws.h"
#include "policy/admission.h"
#include "policy/policy.h"
#include "tls/subject.h"

#define VALUE_BYTES 512 /* of a field that is judged; longer is refused */
#define PATH_BYTES 1024
#define REFUSALS_LOGGED_PER_SECOND 10
#define SHORTAGES_LOGGED_PER_SECOND 1

/* The texts that a request's slices point into. */
struct handshake_texts {
	char path[PATH_BYTES];
	char upgrade[VALUE_BYTES];
	char version[VALUE_BYTES];
	char key[VALUE_BYTES];
	char length[VALUE_BYTES];
	char encoding[VALUE_BYTES];
	char host[VALUE_BYTES];
	char origin[VALUE_BYTES];
	char subprotocols[VALUE_BYTES];
};

static struct header read_header(struct lws *wsi, enum lws_token_indexes token,
                                 char *text)
{
	struct header header = { .presence = HEADER_ABSENT };
	int len = lws_hdr_copy_fragment(wsi, text, VALUE_BYTES, token, 0);
	char ignored[VALUE_BYTES];

	if (len < 0) {
		if (lws_hdr_total_length(wsi, token) > 0)
			header.presence = HEADER_UNREADABLE;
		return header;
	}
	header.presence = HEADER_ONE;
	header.value = (struct slice){ (const uint8_t *)text, (size_t)len };
	if (lws_hdr_total_length(wsi, token) != len ||
	    lws_hdr_copy_fragment(wsi, ignored, sizeof ignored, token, 1) >= 0)
		header.presence = HEADER_REPEATED;
	return header;
}

/* A list may stand in several fields [RFC 9110 5.3]; lws joins them. */
static struct header read_list(struct lws *wsi, enum lws_token_indexes token,
                               char *text)
{
	struct header header = read_header(wsi, token, text);
	int len;

	if (header.presence != HEADER_REPEATED)
		return header;
	len = lws_hdr_copy(wsi, text, VALUE_BYTES, token);
	if (len < 0)
		return (struct header){ .presence = HEADER_UNREADABLE };
	return (
	    struct header){ .presence = HEADER_ONE,
		            .value = { (const uint8_t *)text, (size_t)len } };
}

static bool is_http11(struct lws *wsi)
{
	char version[16];
	int len = lws_hdr_copy(wsi, version, sizeof version, WSI_TOKEN_HTTP);

	return len > 0 && strcmp(version, "HTTP/1.1") == 0;
}

static void read_request(struct lws *wsi, struct handshake_texts *texts,
                         struct handshake_request *request)
{
	int path = lws_hdr_copy(wsi, texts->path, sizeof texts->path,
	                        WSI_TOKEN_GET_URI);

	*request = (struct handshake_request){
		.is_get = lws_hdr_total_length(wsi, WSI_TOKEN_GET_URI) > 0,
		.is_http11 = is_http11(wsi),
		.path = { (const uint8_t *)texts->path,
		          path > 0 ? (size_t)path : 0 },
		.upgrade = read_header(wsi, WSI_TOKEN_UPGRADE, texts->upgrade),
		.version = read_header(wsi, WSI_TOKEN_VERSION, texts->version),
		.key = read_header(wsi, WSI_TOKEN_KEY, texts->key),
		.content_length = read_header(
		    wsi, WSI_TOKEN_HTTP_CONTENT_LENGTH, texts->length),
		.transfer_encoding = read_header(
		    wsi, WSI_TOKEN_HTTP_TRANSFER_ENCODING, texts->encoding),
		.host = read_header(wsi, WSI_TOKEN_HOST, texts->host),
		.origin = read_header(wsi, WSI_TOKEN_ORIGIN, texts->origin),
		.subprotocols =
		    read_list(wsi, WSI_TOKEN_PROTOCOL, texts->subprotocols),
	};
}

/* What the operator may paste to let this origin in; "" when it is no help. */
static void advise(enum close_reason reason, struct slice origin, char *advice,
                   size_t size)
{
	advice[0] = '\0';
	if (reason == CLOSE_ORIGIN_UNKNOWN)
		snprintf(advice, size, "add \"%.*s\" to the route's origins",
		         (int)origin.len, (const char *)origin.data);
}

/* What is not the browser's doing is the same news each time. */
static bool may_log(struct front_room *room, enum close_reason reason,
                    uint64_t *suppressed)
{
	uint64_t now_ms = uv_now(room->loop);

	if (reason == CLOSE_DESCRIPTORS || reason == CLOSE_MEMORY)
		return log_limit_allows(&room->shortage_limit, now_ms,
		                        SHORTAGES_LOGGED_PER_SECOND,
		                        suppressed);
	return log_limit_allows(&room->refusal_limit, now_ms,
	                        REFUSALS_LOGGED_PER_SECOND, suppressed);
}

static void log_refusal(struct ws *ws, const struct handshake_request *request,
                        enum close_reason reason)
{
	char advice[VALUE_BYTES + 40];
	uint64_t suppressed;

	if (!may_log(ws->room, reason, &suppressed))
		return;
	advise(reason, request->origin.value, advice, sizeof advice);
	log_warning("handshake refused",
	            LOG_FIELDS(log_text("reason", close_answer(reason)->word),
	                       log_text("from", ws->browser.from),
	                       log_slice("path", request->path),
	                       log_slice("origin", request->origin.value),
	                       log_slice("host", request->host.value),
	                       log_text("listener", ws->browser.listener),
	                       log_text("advice", advice),
	                       log_number("suppressed", suppressed)));
}

static void refuse(struct ws *ws, struct lws *wsi,
                   const struct handshake_request *request,
                   enum close_reason reason)
{
	shared_count(ws->room->row,
	             (enum shared_counter)(SHARED_REFUSALS + (int)reason), 1);
	log_refusal(ws, request, reason);
	http_refuse(wsi, reason, ws->retry_ms);
}

/*
 * Step 10: may this worker take one more, and may all of them? The kernel
 * gives the lowest free number, so ws->fd tells how many descriptors are out.
 */
static enum close_reason limit(struct ws *ws, const struct policy_route *route)
{
	enum close_reason reason;

	if (ws->room->is_draining)
		return CLOSE_DRAINING;
	if (ws->room->is_out_of_memory)
		return CLOSE_MEMORY;
	if (route->config->kind != CONFIG_KIND_MQTT &&
	    ws->room->clients >= ws->room->clients_most)
		return CLOSE_WORKER_FULL;
	if ((rlim_t)ws->fd + FRONT_DESCRIPTOR_RESERVE >= ws->room->descriptors)
		return CLOSE_DESCRIPTORS;
	reason = quota_take_session(ws, route);
	return reason == CLOSE_NONE ? quota_take_turn(ws, route) : reason;
}

static enum close_reason admit(struct ws *ws,
                               const struct handshake_request *request,
                               struct admission *admission)
{
	*admission =
	    policy_admit(ws->room->policy, ws->listener->policy, request);
	if (admission->reason != CLOSE_NONE)
		return admission->reason;
	return limit(ws, admission->route);
}

static void choose_subprotocol(struct front_room *room, struct slice name)
{
	size_t len = name.len < FRONT_SUBPROTOCOL_BYTES ? name.len : 0;

	if (len > 0)
		memcpy(room->subprotocol, name.data, len);
	room->subprotocol[len] = '\0';
}

static bool keep(struct ws *ws, const struct handshake_request *request,
                 const struct admission *admission)
{
	ws->route = admission->route;
	if (ws->route->config->kind != CONFIG_KIND_MQTT) {
		ws->has_client = true;
		ws->room->clients++;
	}
	choose_subprotocol(ws->room, admission->subprotocol);
	if (request->origin.presence == HEADER_ABSENT)
		return true;
	ws->browser.origin = strndup((const char *)request->origin.value.data,
	                             request->origin.value.len);
	return ws->browser.origin != NULL;
}

/*
 * The client that a proxy has told of: from now on it is he who is asking.
 * What he may have at this listener is asked as it is at accept.
 */
static enum close_reason identify(struct ws *ws, struct lws *wsi)
{
	char text[VALUE_BYTES];
	struct header header;
	struct sockaddr_storage client;

	if (!ws->is_from_proxy)
		return CLOSE_NONE;
	header = read_list(wsi, WSI_TOKEN_X_FORWARDED_FOR, text);
	if (header.presence == HEADER_UNREADABLE)
		return CLOSE_BAD_REQUEST;
	if (header.presence == HEADER_ABSENT ||
	    !trust_read_forwarded(ws->listener->trust, header.value, &client))
		return CLOSE_NONE;
	if (!ws_set_client(ws, &client))
		return CLOSE_MEMORY;
	return quota_take_connection(ws->listener, &ws->remote,
	                             &ws->places[WS_PLACE_CONNECTION]);
}

/* Who it is by the certificate that it has shown; a refusal is logged. */
static bool is_somebody(struct ws *ws, struct lws *wsi)
{
	enum tls_subject subject =
	    tls_subject_read(lws_get_ssl(wsi), &ws->browser.user);

	if (subject == TLS_SUBJECT_NONE || subject == TLS_SUBJECT_USER)
		return true;
	listener_refuse(ws->listener, ws->browser.from, CLOSE_TLS,
	                tls_subject_fault(subject));
	http_refuse(wsi, CLOSE_TLS, 0);
	return false;
}

/* Was refused at accept, counted and logged: only the answer is left. */
static bool is_over(const struct ws *ws, struct lws *wsi)
{
	if (ws->refusal == CLOSE_NONE)
		return false;
	http_refuse(wsi, ws->refusal, 0);
	return true;
}

bool handshake_judge(struct ws *ws, struct lws *wsi)
{
	struct handshake_texts texts;
	struct handshake_request request;
	struct admission admission;

	if (is_over(ws, wsi) || !is_somebody(ws, wsi))
		return false;
	read_request(wsi, &texts, &request);
	enum close_reason reason = identify(ws, wsi);

	if (reason == CLOSE_NONE)
		reason = listener_is_admin(ws->listener)
		             ? CLOSE_NO_ROUTE
		             : admit(ws, &request, &admission);
	if (reason == CLOSE_NONE && !keep(ws, &request, &admission))
		reason = CLOSE_MEMORY;
	if (reason == CLOSE_NONE)
		return true;
	refuse(ws, wsi, &request, reason);
	return false;
}

static void answer_admin(const struct front_room *room, struct lws *wsi,
                         struct slice path)
{
	struct http_page page = { .status = 404 };

	room->events->on_admin(room->owner, path, &page);
	http_answer(wsi, &page);
	free(page.text);
}

void handshake_answer_plain(struct ws *ws, struct lws *wsi)
{
	struct handshake_texts texts;
	struct handshake_request request;

	if (is_over(ws, wsi))
		return;
	read_request(wsi, &texts, &request);
	if (listener_is_admin(ws->listener)) {
		answer_admin(ws->room, wsi, request.path);
		return;
	}
	enum close_reason reason = identify(ws, wsi);

	if (reason == CLOSE_NONE)
		reason = policy_refuse_plain(ws->room->policy,
		                             ws->listener->policy, &request);
	refuse(ws, wsi, &request, reason);
}
