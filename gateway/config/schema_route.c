/* SPDX-License-Identifier: Apache-2.0 */
#include "config/schema_entry.h"

#include "config/config.h"
#include "config/kind.h"

#define BY_KIND 0 /* not set: config/kind.h has the default */

static const char *const absents[] = { "deny", "allow", "token", NULL };
static const char *const audits[] = { "none", "refused", "publish", NULL };
static const char *const frames[] = { "auto", "text", "binary", NULL };

static const struct schema_setting limits_settings[] = {
	NUMBER(struct config_limits, packet_bytes, 1, 268435455, BY_KIND,
	       "Bytes that an MQTT packet or a message from the browser may "
	       "have",
	       "packet_bytes = 65536;"),
	NUMBER(struct config_limits, head_bytes, 64, 1048576, 65536,
	       "Bytes that a packet may have before its payload",
	       "head_bytes = 16384;"),
	{ ENTRY(struct config_limits, queue_bytes, SCHEMA_INTEGER),
	  .kinds = KIND_PAGES, .min = 4096, .max = 268435455, .initial = 262144,
	  .help = "Bytes that may wait in one direction of a session",
	  .example = "queue_bytes = 1048576;" },
	NUMBER(struct config_limits, messages_per_s, 0, 1000000, 0,
	       "Messages that one session may publish in a second; 0 is any "
	       "number",
	       "messages_per_s = 20;"),
	NUMBER(struct config_limits, bytes_per_s, 0, UINT32_MAX, 0,
	       "Bytes that one session may send in a second; 0 is any number",
	       "bytes_per_s = 131072;"),
	NUMBER(struct config_limits, sessions, 0, 1000000, 0,
	       "Sessions that the route may have at once; 0 is any number",
	       "sessions = 500;"),
	NUMBER(struct config_limits, sessions_per_address, 0, 1000000, 0,
	       "Sessions that the route may have at once from one address; 0 "
	       "is any number",
	       "sessions_per_address = 10;"),
	NUMBER(struct config_limits, subscriptions, 0, 65535, 64,
	       "Subscriptions that a session may make; 0 is any number",
	       "subscriptions = 16;"),
	NUMBER(struct config_limits, subscribes_per_s, 0, 1000000, 0,
	       "SUBSCRIBE packets that one session may send in a second; 0 is "
	       "any number",
	       "subscribes_per_s = 5;"),
};

static const struct schema limits = {
	.name = "limits group",
	.settings = limits_settings,
	.count = COUNT(limits_settings),
	.size = sizeof(struct config_limits),
};

static const struct schema_setting will_settings[] = {
	TEXT(struct config_will, topic, true,
	     "Topic of the will, with ${user}, ${client} and ${session}",
	     "topic = \"pages/${client}/gone\";"),
	{ ENTRY(struct config_will, payload, SCHEMA_TEXT), .may_be_empty = true,
	  .initial_text = "",
	  .help = "Payload of the will, with the same variables",
	  .example = "payload = \"${client} is gone\";" },
	NUMBER(struct config_will, qos, 0, 2, 0, "QoS of the will", "qos = 1;"),
	BOOL(struct config_will, retain, false,
	     "Whether the broker retains the will", "retain = true;"),
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
	     "Path of the URL, exact, or a prefix if it ends in /*",
	     "path = \"/dashboard/*\";"),
	WORD(struct config_route, kind, kind_words, CONFIG_KIND_MQTT,
	     "What the browser speaks here", "kind = \"json\";"),
	{ ENTRY(struct config_route, mqtt_version, SCHEMA_INTEGER),
	  .kinds = KIND_PAGES, .min = 4, .max = 5, .initial = 5,
	  .help = "Version of MQTT that the gateway speaks to the broker: 5, "
	          "or 4 for MQTT 3.1.1; MQTT clients bring their own",
	  .example = "mqtt_version = 4;" },
	TEXT(struct config_route, upstream, true,
	     "Name of the upstream that sessions are connected to",
	     "upstream = \"plant\";"),
	TEXTS(struct config_route, origins, 0,
	      "Origins of the pages that may connect; none refuses every "
	      "browser",
	      "origins = [\"self\", \"https://dash.example.com\"];"),
	WORD(struct config_route, absent, absents, CONFIG_ABSENT_DENY,
	     "Whether a client that sends no Origin may connect, as programs "
	     "do and "
	     "browsers do not; \"token\" is \"deny\" as long as there are no "
	     "tokens",
	     "absent = \"allow\";"),
	BOOL(struct config_route, allow_any_origin, false,
	     "Whether origins may hold \"*\", which lets every page connect",
	     "origins = [\"*\"];\n"
	     "allow_any_origin = true;"),
	TEXTS(struct config_route, subprotocols, 0,
	      "WebSocket subprotocols that the route knows; with kind = "
	      "\"channel\" none is any",
	      "subprotocols = [\"mqtt\"];"),
	TEXT(struct config_route, acl, false,
	     "Name of the ACL that says which topics sessions may use; "
	     "without one, all",
	     "acl = \"dashboard\";"),
	BOOL(struct config_route, read_only, false,
	     "Whether nobody may publish here, whatever the ACL allows",
	     "read_only = true;"),
	BOOL(struct config_route, anonymous, false,
	     "Whether anybody may use the login that the upstream injects",
	     "acl = \"dashboard\";\n"
	     "anonymous = true;"),
	WORD(struct config_route, audit, audits, CONFIG_AUDIT_NONE,
	     "Which PUBLISH gets a line in the log: none, each refused, or "
	     "each one",
	     "audit = \"publish\";"),
	{ ENTRY(struct config_route, client_id, SCHEMA_TEXT),
	  .initial_text = "any",
	  .help = "Which client id sessions have: any, match:PATTERN or "
	          "rewrite:PATTERN, with ${user}, ${client} and ${session}",
	  .example = "client_id = \"rewrite:${user}-${client}\";" },
	TEXT(struct config_route, address_property, false,
	     "MQTT 5 user property of CONNECT that tells the broker the "
	     "client's address",
	     "address_property = \"client-address\";"),
	BOOL(struct config_route, persistent, true,
	     "Whether the broker may keep a session that has ended",
	     "persistent = false;"),
	NUMBER(struct config_route, max_keepalive_s, 0, 65535, 300,
	       "Seconds of MQTT 5 keep-alive that a client may ask for; 0 is "
	       "any number",
	       "max_keepalive_s = 120;"),
	NUMBER(struct config_route, receive_max, 1, 65535, 20,
	       "Messages of QoS 2 from the browser that may be under way",
	       "receive_max = 100;"),
	NUMBER(struct config_route, connect_timeout_s, 1, 300, 10,
	       "Seconds that a browser may take for its CONNECT packet",
	       "connect_timeout_s = 5;"),
	NUMBER(struct config_route, ping_s, 1, 3600, 25,
	       "Seconds without traffic after which a ping is sent",
	       "ping_s = 50;"),
	NUMBER(struct config_route, pong_s, 1, 3600, 20,
	       "Seconds after a ping without any traffic that end a session",
	       "pong_s = 10;"),
	NUMBER(struct config_route, stall_s, 1, 3600, 30,
	       "Seconds in which a browser takes no byte that end its session",
	       "stall_s = 60;"),
	{ ENTRY(struct config_route, publish, SCHEMA_TEXT),
	  .kinds = KIND_CHANNELS,
	  .help = "Topic that messages from the browser are published to; "
	          "without it there are none",
	  .example = "publish = \"chat/lobby\";" },
	{ ENTRY(struct config_route, subscribe, SCHEMA_TEXTS),
	  .kinds = KIND_CHANNELS,
	  .help = "Topic filters whose messages the browser gets",
	  .example = "subscribe = [\"chat/lobby\", \"chat/all\"];" },
	{ ENTRY(struct config_route, qos, SCHEMA_INTEGER),
	  .kinds = KIND_CHANNELS, .max = 2, .initial = 1,
	  .help = "QoS of what the channel publishes and subscribes to",
	  .example = "qos = 0;" },
	{ ENTRY(struct config_route, frames, SCHEMA_WORD),
	  .kinds = KIND_CHANNELS, .words = frames,
	  .initial = CONFIG_FRAMES_AUTO,
	  .help = "Whether the browser gets text or binary frames; auto is "
	          "text for what is UTF-8",
	  .example = "frames = \"text\";" },
	{ ENTRY(struct config_route, wrap, SCHEMA_TEXT), .kinds = KIND_CHANNELS,
	  .may_be_empty = true, .initial_text = "",
	  .help = "\"message\" makes {\"message\":..} of what is no JSON",
	  .example = "wrap = \"message\";" },
	{ ENTRY(struct config_route, will, SCHEMA_GROUP), .kinds = KIND_PAGES,
	  .inner = &will,
	  .help = "What the broker publishes when a session breaks off; MQTT "
	          "clients bring their own will",
	  .example = "will = { topic = \"pages/${client}/gone\"; qos = 1; };" },
	GROUP(struct config_route, limits, limits,
	      "Bounds of what one session may do",
	      "limits = { messages_per_s = 20; sessions = 500; };"),
};

const struct schema schema_route = {
	.name = "route",
	.settings = route_settings,
	.count = COUNT(route_settings),
	.size = sizeof(struct config_route),
	.has_place = true,
	.kind = offsetof(struct config_route, kind),
};
