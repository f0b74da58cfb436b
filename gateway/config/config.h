/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The configuration as the program sees it.
 *
 * Read once (config/load.h), then never changed: a worker lives and dies with
 * one configuration. The structs mirror the file, setting by setting; what a
 * setting means is checked by the room that uses it. The table of settings
 * (config/schema.h) is the single source of names, types, ranges, defaults.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "config/problem.h"

/* A text setting and where it stands, for the room that checks it. */
struct config_text {
	char *value; /* NULL: not set */
	struct config_place place;
};

/* A number of octets and where it stands. */
struct config_size {
	uint64_t value;
	struct config_place place;
};

struct config_texts {
	struct config_text *list; /* NULL: not set */
	size_t count;
};

enum config_kind {
	CONFIG_KIND_MQTT = 0,
	CONFIG_KIND_JSON,
	CONFIG_KIND_CHANNEL,
};

/* How a payload is sent to a page of a channel. */
enum config_frames {
	CONFIG_FRAMES_AUTO = 0, /* text when it is UTF-8, else binary */
	CONFIG_FRAMES_TEXT,
	CONFIG_FRAMES_BINARY,
};

enum config_absent {
	CONFIG_ABSENT_DENY = 0,
	CONFIG_ABSENT_ALLOW,
	CONFIG_ABSENT_TOKEN,
};

enum config_audit {
	CONFIG_AUDIT_NONE = 0,
	CONFIG_AUDIT_REFUSED, /* a line for each refused PUBLISH */
	CONFIG_AUDIT_PUBLISH, /* and for each accepted one */
};

enum config_log_level {
	CONFIG_LOG_ERROR = 0,
	CONFIG_LOG_WARNING,
	CONFIG_LOG_INFO,
	CONFIG_LOG_DEBUG,
};

enum config_log_format {
	CONFIG_LOG_TEXT = 0,
	CONFIG_LOG_JSON,
};

enum config_profile {
	CONFIG_PROFILE_INTERMEDIATE = 0, /* TLS 1.2 and 1.3 */
	CONFIG_PROFILE_MODERN,           /* TLS 1.3 only */
};

enum config_client_certificate {
	CONFIG_CLIENT_CERTIFICATE_NONE = 0, /* not asked for */
	CONFIG_CLIENT_CERTIFICATE_OPTIONAL,
	CONFIG_CLIENT_CERTIFICATE_REQUIRED,
};

struct config_certificate {
	struct config_place place;
	struct config_text certificate; /* PEM, leaf first, then its chain */
	struct config_text key;         /* PEM */
};

struct config_listener_tls {
	struct config_place place; /* file NULL: no tls group */
	bool is_set;
	struct config_text certificate; /* the one for whoever names no host */
	struct config_text key;
	struct config_certificate *certificates; /* for others that they name */
	size_t certificate_count;
	enum config_profile profile;
	enum config_client_certificate client_certificate;
	struct config_text client_ca;  /* PEM */
	struct config_text client_crl; /* PEM */
};

struct config_listener {
	struct config_place place;
	struct config_text address; /* numeric IPv4 or IPv6 */
	uint32_t port;
	struct config_text unix_path; /* `unix`; instead of address and port */
	struct config_text mode;      /* of the Unix socket, octal */
	struct config_texts public_urls;
	struct config_listener_tls tls;
	struct config_texts trusted_proxies; /* front/trust.h reads them */
	bool proxy_protocol; /* each connection begins with a PROXY header */
	uint32_t handshakes_per_s_per_address; /* 0: no bound */
	uint32_t connections_per_address;      /* 0: no bound */
	uint32_t header_timeout_ms;
	uint32_t header_bytes;
};

/* What a connection to a broker begins with. */
enum config_proxy {
	CONFIG_PROXY_NONE = 0,
	CONFIG_PROXY_V1,
	CONFIG_PROXY_V2,
};

/* Of its mqtts:// servers. */
struct config_upstream_tls {
	struct config_place place; /* file NULL: no tls group */
	bool is_set;
	struct config_text ca;          /* PEM; not set: the system's store */
	struct config_text certificate; /* PEM, leaf first, then its chain */
	struct config_text key;         /* PEM */
	struct config_text server_name; /* not set: the host of the URL */
	uint64_t print; /* of what the files hold (tls/upstream.h); 0: none */
};

struct config_upstream {
	struct config_place place;
	struct config_text name;
	struct config_texts servers; /* tried in order */
	struct config_upstream_tls tls;
	struct config_text username;
	struct config_text password_file;
	bool inject; /* the login is written into each CONNECT */
	uint32_t connect_timeout_ms;
	uint32_t connects_per_s;          /* over all workers; 0: no bound */
	enum config_proxy proxy_protocol; /* the header in front, if any */
	uint8_t *password; /* what the file holds (config/secret.h), or NULL */
	size_t password_len; /* never printed, wiped by config_unload */
};

struct config_acl {
	struct config_place place;
	struct config_text name;
	struct config_texts rules; /* none: nothing is allowed */
};

/* A bound of 0 is none, but for the first three. */
struct config_limits {
	uint32_t packet_bytes; /* its default depends on the kind */
	uint32_t head_bytes;
	uint32_t queue_bytes; /* json, channel */
	uint32_t messages_per_s;
	uint32_t bytes_per_s;
	uint32_t sessions;
	uint32_t sessions_per_address;
	uint32_t subscriptions;
	uint32_t subscribes_per_s;
};

/* The will of each session of a json or channel route. */
struct config_will {
	struct config_place place; /* file NULL: no will group */
	bool is_set;
	struct config_text topic;   /* both with ${user}, ${client}, */
	struct config_text payload; /* ${session}; the payload may be empty */
	uint32_t qos;
	bool retain;
};

/* What a kind has no use for holds its default (config/kind.h). */
struct config_route {
	struct config_place place;
	struct config_text path;
	enum config_kind kind;
	uint32_t mqtt_version; /* json, channel: 4 is MQTT 3.1.1 */
	struct config_text upstream;
	struct config_texts origins;
	enum config_absent absent;
	bool allow_any_origin;
	struct config_texts subprotocols; /* channel: none is any */
	struct config_text acl;           /* not set: everything is allowed */
	bool read_only;
	bool anonymous; /* the upstream's login is given to anybody */
	enum config_audit audit;
	struct config_text client_id;        /* policy/client_id.h reads it */
	struct config_text address_property; /* not set: none */
	bool persistent;
	uint32_t max_keepalive_s; /* 0: no bound */
	uint32_t receive_max;
	uint32_t connect_timeout_s;
	uint32_t ping_s;
	uint32_t pong_s;
	uint32_t stall_s;
	struct config_text publish;    /* channel; not set: read only */
	struct config_texts subscribe; /* channel: filters */
	uint32_t qos;                  /* channel: of both */
	enum config_frames frames;     /* channel */
	struct config_text wrap;       /* channel: "" is none, or "message" */
	struct config_will will;       /* json, channel */
	struct config_limits limits;
};

struct config_admin {
	struct config_text
	    listen; /* ADDRESS:PORT; not set: no admin listener */
	struct config_text socket; /* empty: admin/admin_path.h tells */
	struct config_text mode;   /* of the socket, octal */
};

struct config_drain {
	uint32_t timeout_s;
	uint32_t spread_s;
	uint32_t reload_grace_s;
	uint32_t generations; /* old ones that may keep sessions */
};

struct config_log {
	enum config_log_level level;
	enum config_log_format format;
};

struct config {
	uint32_t workers; /* 0: one for each usable CPU, at most 8 */
	struct config_size memory_bytes; /* 0: no bound */
	uint32_t paho_sessions_per_worker;
	struct config_listener *listeners;
	size_t listener_count;
	struct config_upstream *upstreams;
	size_t upstream_count;
	struct config_acl *acls;
	size_t acl_count;
	struct config_route *routes;
	size_t route_count;
	struct config_admin admin;
	struct config_drain drain;
	struct config_log log;

	const char **files; /* every file read; places point here */
	size_t file_count;

	struct memory_block *blocks; /* all memory of it (config/memory.h) */
};

/*
 * Wipes its secrets and frees all of it; accepts NULL. Not named
 * config_destroy: libconfig exports a function of that name, and would call
 * ours.
 */
void config_unload(struct config *config);

/* The upstream that `route` names; NULL when there is none such. */
const struct config_upstream *
config_find_upstream(const struct config *config,
                     const struct config_route *route);

/* The ACL that `route` names; NULL when it names none, or there is none such.
 */
const struct config_acl *config_find_acl(const struct config *config,
                                         const struct config_route *route);

/* Whether any listener asks for the certificates of clients. */
bool config_asks_certificates(const struct config *config);

/* Whether nobody comes in without one, wherever he comes. */
bool config_wants_certificates(const struct config *config);

/* Whether only this machine reaches it: a loopback address, a Unix socket. */
bool config_is_loopback(const struct config_listener *listener);
