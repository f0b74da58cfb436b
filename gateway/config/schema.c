/* SPDX-License-Identifier: Apache-2.0 */
#include "config/schema.h"

#include <string.h>

#include "config/config.h"
#include "config/kind.h"

#define DELETE 0x7f
#define BY_KIND 0 /* not set: config/kind.h has the default */
#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

/* Table entries whose setting is named as the member. */
#define ENTRY(group, member, type)                                             \
	.name = #member, .kind = (type), .offset = offsetof(group, member)
#define BOOL(group, member, value, sentence)                                   \
	{                                                                      \
		ENTRY(group, member, SCHEMA_BOOL), .initial = (value),         \
		                                   .help = (sentence)          \
	}
#define NUMBER(group, member, low, high, value, sentence)                      \
	{                                                                      \
		ENTRY(group, member, SCHEMA_INTEGER),                          \
		    .min = (low), .max = (high), .initial = (value),           \
		    .help = (sentence)                                         \
	}
#define SIZE(group, member, sentence)                                          \
	{                                                                      \
		ENTRY(group, member, SCHEMA_SIZE), .help = (sentence)          \
	}
#define WORD(group, member, list, value, sentence)                             \
	{                                                                      \
		ENTRY(group, member, SCHEMA_WORD),                             \
		    .words = (list), .initial = (value), .help = (sentence)    \
	}
#define TEXT(group, member, required, sentence)                                \
	{                                                                      \
		ENTRY(group, member, SCHEMA_TEXT), .is_required = (required),  \
		                                   .help = (sentence)          \
	}
#define TEXTS(group, member, fewest, sentence)                                 \
	{                                                                      \
		ENTRY(group, member, SCHEMA_TEXTS),                            \
		    .is_required = (fewest) > 0, .min = (fewest),              \
		    .help = (sentence)                                         \
	}
#define GROUP(group, member, schema, sentence)                                 \
	{                                                                      \
		ENTRY(group, member, SCHEMA_GROUP), .inner = &(schema),        \
		                                    .help = (sentence)         \
	}
#define GROUPS_IN(group, member, number, fewest, schema, sentence)             \
	{                                                                      \
		ENTRY(group, member, SCHEMA_GROUPS),                           \
		    .count_offset = offsetof(group, number),                   \
		    .is_required = (fewest) > 0, .min = (fewest),              \
		    .inner = &(schema), .help = (sentence)                     \
	}
#define GROUPS(member, number, fewest, schema, sentence)                       \
	GROUPS_IN(struct config, member, number, fewest, schema, sentence)

static const char *const absents[] = { "deny", "allow", "token", NULL };
static const char *const audits[] = { "none", "refused", "publish", NULL };
static const char *const levels[] = { "error", "warning", "info", "debug",
	                              NULL };
static const char *const formats[] = { "text", "json", NULL };
static const char *const proxies[] = { "none", "v1", "v2", NULL };
static const char *const frames[] = { "auto", "text", "binary", NULL };

static const char *const profiles[] = { "intermediate", "modern", NULL };
static const char *const wishes[] = { "none", "optional", "required", NULL };

static const struct schema_setting certificate_settings[] = {
	TEXT(struct config_certificate, certificate, true,
	     "PEM file with the certificate, followed by its chain"),
	TEXT(struct config_certificate, key, true,
	     "PEM file with the private key of the certificate"),
};

static const struct schema certificate = {
	.name = "certificate",
	.settings = certificate_settings,
	.count = COUNT(certificate_settings),
	.size = sizeof(struct config_certificate),
	.has_place = true,
};

static const struct schema_setting listener_tls_settings[] = {
	TEXT(struct config_listener_tls, certificate, true,
	     "PEM file with the certificate, followed by its chain"),
	TEXT(struct config_listener_tls, key, true,
	     "PEM file with the private key of the certificate"),
	GROUPS_IN(struct config_listener_tls, certificates, certificate_count,
	          0, certificate,
	          "More certificates, shown to browsers that name a host of "
	          "theirs; one with another sort of key (EC, RSA) that has all "
	          "names of another goes with it"),
	WORD(
	    struct config_listener_tls, profile, profiles,
	    CONFIG_PROFILE_INTERMEDIATE,
	    "Versions that are spoken: intermediate is TLS 1.2 and 1.3, modern "
	    "1.3 only"),
	WORD(struct config_listener_tls, client_certificate, wishes,
	     CONFIG_CLIENT_CERTIFICATE_NONE,
	     "Whether clients are asked for a certificate; its subject is the "
	     "user, and nothing else is one here"),
	TEXT(
	    struct config_listener_tls, client_ca, false,
	    "PEM file with the certificate authorities of clients, up to their "
	    "roots"),
	TEXT(struct config_listener_tls, client_crl, false,
	     "PEM file with revocation lists: one of the issuer of each client "
	     "certificate; where each authority has one, those between are "
	     "checked, too"),
};

static const struct schema listener_tls = {
	.name = "tls group",
	.settings = listener_tls_settings,
	.count = COUNT(listener_tls_settings),
	.size = sizeof(struct config_listener_tls),
	.has_place = true,
	.is_set = offsetof(struct config_listener_tls, is_set),
};

static const struct schema_setting listener_settings[] = {
	TEXT(struct config_listener, address, false,
	     "Numeric IPv4 or IPv6 address to listen on"),
	NUMBER(struct config_listener, port, 1, 65535, 0,
	       "TCP port to listen on"),
	{ .name = "unix",
	  .kind = SCHEMA_TEXT,
	  .offset = offsetof(struct config_listener, unix_path),
	  .help = "Path of a Unix socket to listen on, in place of address and "
	          "port" },
	{ ENTRY(struct config_listener, mode, SCHEMA_TEXT),
	  .belongs_to = offsetof(struct config_listener, unix_path),
	  .initial_text = "0660",
	  .help = "Access rights of the Unix socket, octal" },
	TEXTS(struct config_listener, public_urls, 0,
	      "URLs under which browsers know this listener: what \"self\" in "
	      "origins stands for, and the host names it answers to"),
	GROUP(struct config_listener, tls, listener_tls,
	      "Certificate of a listener that speaks TLS"),
	TEXTS(struct config_listener, trusted_proxies, 0,
	      "Addresses, networks or \"unix\": proxies whose word on who the "
	      "client is counts"),
	BOOL(struct config_listener, proxy_protocol, false,
	     "Whether each connection begins with a PROXY header, version 1 or "
	     "2, of a trusted proxy"),
	NUMBER(struct config_listener, handshakes_per_s_per_address, 0, 1000000,
	       0,
	       "Handshakes that one address may begin in a second; 0 is any "
	       "number"),
	NUMBER(struct config_listener, connections_per_address, 0, 1000000, 0,
	       "Connections that one address may have open; 0 is any number"),
	NUMBER(struct config_listener, header_timeout_ms, 100, 60000, 10000,
	       "Milliseconds that a client may take for its request"),
	NUMBER(struct config_listener, header_bytes, 1024, 65536, 16384,
	       "Bytes that the header of a request may have"),
};

static const struct schema listener = {
	.name = "listener",
	.settings = listener_settings,
	.count = COUNT(listener_settings),
	.size = sizeof(struct config_listener),
	.has_place = true,
};

static const struct schema_setting upstream_tls_settings[] = {
	TEXT(struct config_upstream_tls, ca, false,
	     "PEM file with the authorities that may sign the broker's "
	     "certificate; without one, those of the system"),
	TEXT(struct config_upstream_tls, certificate, false,
	     "PEM file with the certificate that the gateway shows to the "
	     "broker, followed by its chain"),
	TEXT(struct config_upstream_tls, key, false,
	     "PEM file with the private key of that certificate"),
	TEXT(struct config_upstream_tls, server_name, false,
	     "Name or address that the broker's certificate must have; "
	     "without one, the host of the URL"),
};

static const struct schema upstream_tls = {
	.name = "tls group",
	.settings = upstream_tls_settings,
	.count = COUNT(upstream_tls_settings),
	.size = sizeof(struct config_upstream_tls),
	.has_place = true,
	.is_set = offsetof(struct config_upstream_tls, is_set),
};

static const struct schema_setting upstream_settings[] = {
	TEXT(struct config_upstream, name, true,
	     "Name by which routes refer to this upstream"),
	TEXTS(struct config_upstream, servers, 1,
	      "URLs of the broker, tried in this order"),
	GROUP(struct config_upstream, tls, upstream_tls,
	      "Whom to trust, and what to show, at mqtts:// servers"),
	TEXT(struct config_upstream, username, false,
	     "User name that the gateway has at the broker"),
	TEXT(struct config_upstream, password_file, false,
	     "File with the password that belongs to it"),
	BOOL(struct config_upstream, inject, false,
	     "Whether each CONNECT gets this login in place of the browser's "
	     "own"),
	NUMBER(struct config_upstream, connect_timeout_ms, 10, 60000, 5000,
	       "Milliseconds that connecting to one server may take"),
	NUMBER(struct config_upstream, connects_per_s, 0, 100000, 200,
	       "Connections that the whole gateway begins towards the upstream "
	       "in a second; 0 is any number"),
	WORD(struct config_upstream, proxy_protocol, proxies, CONFIG_PROXY_NONE,
	     "Whether the broker is told who the browser is, in a PROXY header "
	     "in front of each connection"),
};

static const struct schema upstream = {
	.name = "upstream",
	.settings = upstream_settings,
	.count = COUNT(upstream_settings),
	.size = sizeof(struct config_upstream),
	.has_place = true,
};

static const struct schema_setting acl_settings[] = {
	TEXT(struct config_acl, name, true,
	     "Name by which routes refer to these rules"),
	{ ENTRY(struct config_acl, rules, SCHEMA_TEXTS), .is_required = true,
	  .help = "Rules like \"allow sub factory/#\"; none allows nothing" },
};

static const struct schema acl = {
	.name = "ACL",
	.settings = acl_settings,
	.count = COUNT(acl_settings),
	.size = sizeof(struct config_acl),
	.has_place = true,
};

static const struct schema_setting limits_settings[] = {
	NUMBER(struct config_limits, packet_bytes, 1, 268435455, BY_KIND,
	       "Bytes that an MQTT packet or a message from the browser may "
	       "have"),
	NUMBER(struct config_limits, head_bytes, 64, 1048576, 65536,
	       "Bytes that a packet may have before its payload"),
	{ ENTRY(struct config_limits, queue_bytes, SCHEMA_INTEGER),
	  .kinds = KIND_PAGES, .min = 4096, .max = 268435455, .initial = 262144,
	  .help = "Bytes that may wait in one direction of a session" },
	NUMBER(struct config_limits, messages_per_s, 0, 1000000, 0,
	       "Messages that one session may publish in a second; 0 is any "
	       "number"),
	NUMBER(struct config_limits, bytes_per_s, 0, UINT32_MAX, 0,
	       "Bytes that one session may send in a second; 0 is any number"),
	NUMBER(struct config_limits, sessions, 0, 1000000, 0,
	       "Sessions that the route may have at once; 0 is any number"),
	NUMBER(struct config_limits, sessions_per_address, 0, 1000000, 0,
	       "Sessions that the route may have at once from one address; 0 "
	       "is any number"),
	NUMBER(struct config_limits, subscriptions, 0, 65535, 64,
	       "Subscriptions that a session may make; 0 is any number"),
	NUMBER(struct config_limits, subscribes_per_s, 0, 1000000, 0,
	       "SUBSCRIBE packets that one session may send in a second; 0 is "
	       "any number"),
};

static const struct schema limits = {
	.name = "limits group",
	.settings = limits_settings,
	.count = COUNT(limits_settings),
	.size = sizeof(struct config_limits),
};

static const struct schema_setting will_settings[] = {
	TEXT(struct config_will, topic, true,
	     "Topic of the will, with ${user}, ${client} and ${session}"),
	{ ENTRY(struct config_will, payload, SCHEMA_TEXT), .may_be_empty = true,
	  .initial_text = "",
	  .help = "Payload of the will, with the same variables" },
	NUMBER(struct config_will, qos, 0, 2, 0, "QoS of the will"),
	BOOL(struct config_will, retain, false,
	     "Whether the broker retains the will"),
};

static const struct schema will = {
	.name = "will group",
	.settings = will_settings,
	.count = COUNT(will_settings),
	.size = sizeof(struct config_will),
	.has_place = true,
	.is_set = offsetof(struct config_will, is_set),
};

static const struct schema_setting route_settings[] = {
	TEXT(struct config_route, path, true,
	     "Path of the URL, exact, or a prefix if it ends in /*"),
	WORD(struct config_route, kind, kind_words, CONFIG_KIND_MQTT,
	     "What the browser speaks here"),
	{ ENTRY(struct config_route, mqtt_version, SCHEMA_INTEGER),
	  .kinds = KIND_PAGES, .min = 4, .max = 5, .initial = 5,
	  .help = "Version of MQTT that the gateway speaks to the broker: 5, "
	          "or 4 for MQTT 3.1.1; MQTT clients bring their own" },
	TEXT(struct config_route, upstream, true,
	     "Name of the upstream that sessions are connected to"),
	TEXTS(struct config_route, origins, 0,
	      "Origins of the pages that may connect; none refuses every "
	      "browser"),
	WORD(struct config_route, absent, absents, CONFIG_ABSENT_DENY,
	     "Whether a client that sends no Origin may connect"),
	BOOL(struct config_route, allow_any_origin, false,
	     "Whether origins may hold \"*\", which lets every page connect"),
	TEXTS(struct config_route, subprotocols, 0,
	      "WebSocket subprotocols that the route knows; with kind = "
	      "\"channel\" none is any"),
	TEXT(struct config_route, acl, false,
	     "Name of the ACL that says which topics sessions may use; "
	     "without one, all"),
	BOOL(struct config_route, read_only, false,
	     "Whether nobody may publish here, whatever the ACL allows"),
	BOOL(struct config_route, anonymous, false,
	     "Whether anybody may use the login that the upstream injects"),
	WORD(struct config_route, audit, audits, CONFIG_AUDIT_NONE,
	     "Which PUBLISH gets a line in the log: none, each refused, or "
	     "each one"),
	{ ENTRY(struct config_route, client_id, SCHEMA_TEXT),
	  .initial_text = "any",
	  .help = "Which client id sessions have: any, match:PATTERN or "
	          "rewrite:PATTERN, with ${user}, ${client} and ${session}" },
	TEXT(struct config_route, address_property, false,
	     "MQTT 5 user property of CONNECT that tells the broker the "
	     "client's address"),
	BOOL(struct config_route, persistent, true,
	     "Whether the broker may keep a session that has ended"),
	NUMBER(struct config_route, max_keepalive_s, 0, 65535, 300,
	       "Seconds of MQTT 5 keep-alive that a client may ask for; 0 is "
	       "any number"),
	NUMBER(struct config_route, receive_max, 1, 65535, 20,
	       "Messages of QoS 2 from the browser that may be under way"),
	NUMBER(struct config_route, connect_timeout_s, 1, 300, 10,
	       "Seconds that a browser may take for its CONNECT packet"),
	NUMBER(struct config_route, ping_s, 1, 3600, 25,
	       "Seconds without traffic after which a ping is sent"),
	NUMBER(struct config_route, pong_s, 1, 3600, 20,
	       "Seconds after a ping without any traffic that end a session"),
	NUMBER(struct config_route, stall_s, 1, 3600, 30,
	       "Seconds in which a browser takes no byte that end its session"),
	{ ENTRY(struct config_route, publish, SCHEMA_TEXT),
	  .kinds = KIND_CHANNELS,
	  .help = "Topic that messages from the browser are published to; "
	          "without it there are none" },
	{ ENTRY(struct config_route, subscribe, SCHEMA_TEXTS),
	  .kinds = KIND_CHANNELS,
	  .help = "Topic filters whose messages the browser gets" },
	{ ENTRY(struct config_route, qos, SCHEMA_INTEGER),
	  .kinds = KIND_CHANNELS, .max = 2, .initial = 1,
	  .help = "QoS of what the channel publishes and subscribes to" },
	{ ENTRY(struct config_route, frames, SCHEMA_WORD),
	  .kinds = KIND_CHANNELS, .words = frames,
	  .initial = CONFIG_FRAMES_AUTO,
	  .help = "Whether the browser gets text or binary frames; auto is "
	          "text for what is UTF-8" },
	{ ENTRY(struct config_route, wrap, SCHEMA_TEXT), .kinds = KIND_CHANNELS,
	  .may_be_empty = true, .initial_text = "",
	  .help = "\"message\" makes {\"message\":..} of what is no JSON" },
	{ ENTRY(struct config_route, will, SCHEMA_GROUP), .kinds = KIND_PAGES,
	  .inner = &will,
	  .help = "What the broker publishes when a session breaks off; MQTT "
	          "clients bring their own will" },
	GROUP(struct config_route, limits, limits,
	      "Bounds of what one session may do"),
};

static const struct schema route = {
	.name = "route",
	.settings = route_settings,
	.count = COUNT(route_settings),
	.size = sizeof(struct config_route),
	.has_place = true,
	.kind = offsetof(struct config_route, kind),
};

static const struct schema_setting admin_settings[] = {
	TEXT(struct config_admin, listen, false,
	     "ADDRESS:PORT that serves /healthz, /readyz and /metrics"),
	{ ENTRY(struct config_admin, socket, SCHEMA_TEXT), .may_be_empty = true,
	  .initial_text = "",
	  .help = "Path of the Unix socket by which postern status, who, "
	          "reload and drain reach the gateway; without one, in "
	          "$RUNTIME_DIRECTORY or $XDG_RUNTIME_DIR" },
	{ ENTRY(struct config_admin, mode, SCHEMA_TEXT), .initial_text = "0660",
	  .help = "Access rights of that socket, octal" },
};

static const struct schema admin = {
	.name = "admin group",
	.settings = admin_settings,
	.count = COUNT(admin_settings),
	.size = sizeof(struct config_admin),
};

static const struct schema_setting drain_settings[] = {
	NUMBER(struct config_drain, timeout_s, 0, 3600, 30,
	       "Seconds that sessions get to end when the gateway stops"),
	NUMBER(struct config_drain, spread_s, 0, 600, 5,
	       "Seconds over which their ends are spread"),
	NUMBER(struct config_drain, reload_grace_s, 0, 86400, 300,
	       "Seconds over which the sessions of the oldest configuration "
	       "end when too many are kept"),
	NUMBER(struct config_drain, generations, 0, 16, 4,
	       "Replaced configurations whose sessions are kept at a time"),
};

static const struct schema drain = {
	.name = "drain group",
	.settings = drain_settings,
	.count = COUNT(drain_settings),
	.size = sizeof(struct config_drain),
};

static const struct schema_setting log_settings[] = {
	WORD(struct config_log, level, levels, CONFIG_LOG_INFO,
	     "How much is logged"),
	WORD(struct config_log, format, formats, CONFIG_LOG_TEXT,
	     "How a line of the log is written"),
};

static const struct schema log_group = {
	.name = "log group",
	.settings = log_settings,
	.count = COUNT(log_settings),
	.size = sizeof(struct config_log),
};

static const struct schema_setting root_settings[] = {
	NUMBER(struct config, workers, 0, 64, 0,
	       "Number of worker processes; 0 is one for each usable CPU"),
	SIZE(struct config, memory_bytes,
	     "Bytes of memory that all workers together may have; 0 is any "
	     "number"),
	NUMBER(struct config, paho_sessions_per_worker, 1, 1000, 500,
	       "Sessions of kind json and channel that one worker may have"),
	GROUPS(listeners, listener_count, 1, listener,
	       "Where browsers connect"),
	GROUPS(upstreams, upstream_count, 1, upstream,
	       "Brokers that sessions are connected to"),
	GROUPS(acls, acl_count, 0, acl,
	       "Who may publish and subscribe to which topics"),
	GROUPS(routes, route_count, 1, route,
	       "Which path leads to which upstream, and for whom"),
	GROUP(struct config, admin, admin, "How the gateway is watched"),
	GROUP(struct config, drain, drain, "How the gateway stops"),
	GROUP(struct config, log, log_group, "What is written to stderr"),
};

const struct schema schema_root = {
	.name = "configuration",
	.settings = root_settings,
	.count = COUNT(root_settings),
	.size = sizeof(struct config),
};

const struct schema_setting *schema_find(const struct schema *schema,
                                         const char *name)
{
	for (size_t i = 0; i < schema->count; i++) {
		if (strcmp(schema->settings[i].name, name) == 0)
			return &schema->settings[i];
	}
	return NULL;
}

bool schema_takes_text(const char *text)
{
	if (*text == '\0')
		return false;
	for (; *text != '\0'; text++) {
		if ((unsigned char)*text < ' ' || *text == DELETE)
			return false;
	}
	return true;
}
