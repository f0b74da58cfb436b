/* SPDX-License-Identifier: Apache-2.0 */
#include "doctor/advice.h"

#include <stdio.h>
#include <string.h>

#include "doctor/quote.h"
#include "mqtt/protocol.h"

#define LENGTH(array) (sizeof(array) / sizeof((array)[0]))

/* The names of {origin} and so on, each written in quotes. */
static const char *find_name(const struct advice_names *names, struct slice key)
{
	const struct {
		const char *key;
		const char *value;
	} known[] = {
		{ "origin", names->origin }, { "path", names->path },
		{ "host", names->host },     { "site", names->site },
		{ "topic", names->topic },
	};

	for (size_t i = 0; i < LENGTH(known); i++) {
		if (slice_is(key, known[i].key))
			return known[i].value;
	}
	return NULL;
}

static void put(struct advice_text *out, size_t *len, const char *text,
                size_t text_len)
{
	size_t room = sizeof out->text - 1 - *len;

	if (text_len > room)
		text_len = room;
	memcpy(out->text + *len, text, text_len);
	*len += text_len;
	out->text[*len] = '\0';
}

/* Takes "{name}" off the front of `text`; NULL: it is none of ours. */
static const char *take_name(const char **text,
                             const struct advice_names *names)
{
	size_t len = strcspn(*text + 1, "}");
	struct slice key = { (const uint8_t *)*text + 1, len };
	bool is_closed = (*text)[1 + len] == '}';
	const char *value = is_closed ? find_name(names, key) : NULL;

	if (value)
		*text += len + 2;
	return value;
}

struct advice_text advice_write(const char *text,
                                const struct advice_names *names)
{
	struct advice_text out = { .text = "" };
	size_t len = 0;

	while (*text) {
		size_t plain = strcspn(text, "{");

		put(&out, &len, text, plain);
		text += plain;
		if (!*text)
			break;

		const char *name = take_name(&text, names);
		struct quote quoted = quote_text(name ? name : "");

		if (name)
			put(&out, &len, quoted.text, strlen(quoted.text));
		else
			put(&out, &len, text++, 1);
	}
	return out;
}

struct status_advice {
	unsigned status;
	const char *body; /* of a postern; NULL: of another server */
	struct advice advice;
};

#define PASS_ON                                                                \
	"let the web server in front pass {path} on to postern, with the "     \
	"upgrade; in nginx: proxy_pass, proxy_http_version 1.1, "              \
	"proxy_set_header Upgrade $http_upgrade, proxy_set_header Connection " \
	"\"upgrade\", proxy_set_header Host $http_host"

static const struct status_advice statuses[] = {
	{ 400,
	  "Bad request.\n",
	  { "the route knows none of the subprotocols \"mqtt\" and "
	    "\"json.postern.v1\", or something between spoils the request",
	    "look at subprotocols of the route of {path}; the gateway's log "
	    "has the reason of each handshake refused" } },
	{ 401,
	  "Login needed.\n",
	  { "the route wants a token or cookie, which this request has not",
	    "log in as the page's users do; what the route of {path} wants "
	    "stands in its identity" } },
	{ 403,
	  "Forbidden.\n",
	  { "pages of the origin {origin} are not let in",
	    "in the route of {path}, add it: origins = [{origin}]; (beside "
	    "those that are there), or give --origin as the page has it" } },
	{ 404,
	  "Not found.\n",
	  { "no route has the path {path}",
	    "write the URL with the path of a route, or give a route the path "
	    "{path}: paths are exact, case and trailing slash too; one that "
	    "ends in /* stands for all that begin like it" } },
	{ 405,
	  "Method not allowed.\n",
	  { "the method of the request was changed on its way",
	    "let what stands in front of postern pass GET on as it is" } },
	{ 421,
	  "This is not that host.\n",
	  { "the listener does not go by the name {host}",
	    "add {site} to public_urls of the listener; a proxy in front must "
	    "pass the Host header on as it came" } },
	{ 426,
	  "This is a WebSocket endpoint: connect with a WebSocket client.\n",
	  { "the request came without its upgrade: something between took it "
	    "away",
	    PASS_ON } },
	{ 429,
	  "Too many requests.\n",
	  { "too many from one address",
	    "look at handshakes_per_s_per_address and connections_per_address "
	    "of the listener, sessions_per_address of the route; behind a "
	    "proxy all browsers have one address" } },
	{ 503,
	  "Try again later.\n",
	  { "the gateway takes no more sessions: it is full, or about to stop",
	    "look at sessions in limits of the route, "
	    "paho_sessions_per_worker and the descriptor limit "
	    "(LimitNOFILE); the gateway's log has the reason" } },
};

static const struct status_advice foreign[] = {
	{ 200, NULL, { "a web page in place of an upgrade", PASS_ON } },
	{ 400,
	  NULL,
	  { "another server answers, and does not like the request",
	    PASS_ON } },
	{ 401,
	  NULL,
	  { "another server wants a login, which no WebSocket can give",
	    "let the web server in front pass {path} on without a login of "
	    "its own" } },
	{ 403, NULL, { "another server refuses, not a postern", PASS_ON } },
	{ 404,
	  NULL,
	  { "another server answers, which knows nothing of {path}",
	    PASS_ON } },
	{ 426,
	  NULL,
	  { "another server answers, and wants an upgrade that this is not",
	    PASS_ON } },
	{ 429,
	  NULL,
	  { "a server in front of postern limits requests",
	    "look at its own limits" } },
	{ 502,
	  NULL,
	  { "the proxy that answers does not reach postern behind it",
	    "see that postern runs, and that the proxy names its address and "
	    "port, with TLS only if the listener has tls" } },
	{ 503,
	  NULL,
	  { "the proxy that answers has no postern to pass this on to",
	    "see that postern runs, and that the proxy names its address and "
	    "port" } },
	{ 504,
	  NULL,
	  { "the proxy that answers got no answer from what is behind it",
	    "see that postern runs and is reached from the proxy" } },
};

static const struct advice redirect = {
	"the server sends pages elsewhere, which no WebSocket follows",
	"use the URL that it names, written with wss:// or ws://",
};

static const struct advice unknown_status = {
	"no answer of a postern: another server stands here",
	PASS_ON,
};

static const struct status_advice *find_status(const struct status_advice *list,
                                               size_t count, unsigned status)
{
	for (size_t i = 0; i < count; i++) {
		if (list[i].status == status)
			return &list[i];
	}
	return NULL;
}

bool advice_is_postern(unsigned status, struct slice body)
{
	const struct status_advice *found =
	    find_status(statuses, LENGTH(statuses), status);

	return found && slice_is(body, found->body);
}

const struct advice *advice_status(unsigned status, bool is_postern)
{
	const struct status_advice *found =
	    is_postern ? find_status(statuses, LENGTH(statuses), status)
	               : find_status(foreign, LENGTH(foreign), status);

	if (found)
		return &found->advice;
	return status / 100 == 3 ? &redirect : &unknown_status;
}

uint8_t advice_code5(uint8_t level, uint8_t code)
{
	static const uint8_t codes[] = { 0, 0x84, 0x85, 0x88, 0x86, 0x87 };

	if (level == MQTT_LEVEL_5 || code >= LENGTH(codes))
		return code;
	return codes[code];
}

struct code_advice {
	uint8_t code;
	struct advice advice;
};

#define LOGIN                                                                  \
	"give --user and --password-file as the page does; where the "         \
	"upstream "                                                            \
	"has inject = true, look at its username and password_file; the "      \
	"broker's log says more"

static const struct code_advice connacks[] = {
	{ 0x84,
	  { "this version of MQTT is not spoken", "use a broker that speaks "
	                                          "MQTT 3.1.1 or 5" } },
	{ 0x85,
	  { "the client id is refused",
	    "look at client_id of the route of {path}: pages must log in with "
	    "what it wants; or the broker asks for certain client ids" } },
	{ 0x86, { "bad user name or password", LOGIN } },
	{ 0x87, { "this login may not come in", LOGIN } },
	{ 0x88,
	  { "server unavailable: the gateway does not reach the broker",
	    "see that the broker runs; look at servers of the upstream that "
	    "the route of {path} names, and at readiness and log of the "
	    "gateway" } },
	{ 0x89,
	  { "the broker is busy", "look at the broker's load and limits" } },
	{ 0x8a,
	  { "the broker has banned this client",
	    "look at the broker's bans" } },
	{ 0x8c,
	  { "the broker wants another way to log in",
	    "look at the broker's authentication: names and passwords, or "
	    "none, are what browsers have" } },
	{ 0x97, { "a quota is used up", "look at the broker's quotas" } },
	{ 0x9f,
	  { "too many connect at once",
	    "look at the broker's connection rate" } },
};

static const struct advice unknown_connack = {
	"the broker does not let this client in",
	"the broker's log says why",
};

const struct advice *advice_connack(uint8_t code)
{
	for (size_t i = 0; i < LENGTH(connacks); i++) {
		if (connacks[i].code == code)
			return &connacks[i].advice;
	}
	return &unknown_connack;
}

const char *advice_reason(uint8_t code)
{
	switch (code) {
	case 0x10:
		return "nobody is subscribed to it";
	case 0x81:
		return "malformed packet";
	case 0x82:
		return "protocol error";
	case 0x83:
		return "the broker has its own reason";
	case 0x87:
		return "not authorised";
	case 0x8b:
		return "the server goes down";
	case 0x8e:
		return "another client has taken over the client id";
	case 0x8f:
		return "not a filter that may be subscribed to";
	case 0x90:
		return "not a topic that may be published to";
	case 0x95:
		return "packet too large";
	case 0x96:
		return "too many messages";
	case 0x97:
		return "a quota is used up";
	case 0x9b:
		return "this QoS is not supported";
	default:
		return "refused";
	}
}

struct word_advice {
	const char *word;
	struct advice advice;
};

static const struct word_advice words[] = {
	{ "connect_timeout",
	  { "the gateway got no CONNECT in time",
	    "something between holds frames back" } },
	{ "too_large",
	  { "a packet was too large",
	    "look at packet_bytes and head_bytes in limits of the route of "
	    "{path}" } },
	{ "bad_login", { "bad user name or password", LOGIN } },
	{ "not_authorised",
	  { "the route or the broker does not allow it",
	    "look at the acl of the route of {path}, and at the broker's own "
	    "rules and log" } },
	{ "client_id",
	  { "the client id is refused",
	    "look at client_id of the route of {path}" } },
	{ "expired", { "the login has run out", "log in again" } },
	{ "policy_changed",
	  { "the rules have changed meanwhile", "try again" } },
	{ "flood",
	  { "too many messages in a second",
	    "look at messages_per_s and bytes_per_s in limits of the route of "
	    "{path}" } },
	{ "upstream_unreachable",
	  { "the gateway does not reach the broker",
	    "see that the broker runs; look at servers of the upstream that "
	    "the route of {path} names" } },
	{ "upstream_refused",
	  { "the broker refuses the gateway's own login",
	    "look at username and password_file of the upstream that the "
	    "route of {path} names, and at the broker's log" } },
	{ "upstream_closed",
	  { "the broker closed the connection",
	    "the broker's log says why: it may refuse this client, its rights "
	    "or its version, or be about to stop" } },
	{ "upstream_garbage",
	  { "what answers the gateway is no MQTT broker",
	    "look at servers of the upstream that the route of {path} names: "
	    "the port must be one of MQTT over TCP, with mqtts:// if it has "
	    "TLS" } },
	{ "taken_over",
	  { "another client has taken over the client id",
	    "look at client_id of the route of {path}: a fixed one lets only "
	    "one browser in" } },
	{ "drain",
	  { "the gateway is about to stop",
	    "wait until it is back, and look at what stops it" } },
	{ "reload",
	  { "the gateway has just read another configuration", "try again" } },
	{ "internal",
	  { "the gateway is at fault",
	    "its log says more; please report it" } },
};

static const struct advice unknown_close = {
	"the server ends the session",
	"the log of the gateway has a line about each session that ends",
};

static const struct advice going_away = {
	"the server or a proxy between is going away",
	"try again; look at the proxy's timeouts for WebSockets",
};

#define GOING_AWAY 1001

const struct advice *advice_close(uint16_t code, const char *word)
{
	for (size_t i = 0; i < LENGTH(words); i++) {
		if (strcmp(words[i].word, word) == 0)
			return &words[i].advice;
	}
	return code == GOING_AWAY ? &going_away : &unknown_close;
}
