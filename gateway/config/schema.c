/* SPDX-License-Identifier: Apache-2.0 */
#include "config/schema.h"

#include <string.h>

#include "config/config.h"
#include "config/schema_entry.h"

#define DELETE 0x7f

static const char *const levels[] = { "error", "warning", "info", "debug",
	                              NULL };
static const char *const formats[] = { "text", "json", NULL };

static const struct schema_setting acl_settings[] = {
	TEXT(struct config_acl, name, true,
	     "Name by which routes refer to these rules",
	     "name = \"dashboard\";"),
	{ ENTRY(struct config_acl, rules, SCHEMA_TEXTS), .is_required = true,
	  .help = "Rules like \"allow sub factory/#\"; none allows nothing",
	  .example = "rules = [\"allow sub factory/#\", \"deny sub "
	             "factory/secret/#\"];" },
};

static const struct schema acl = {
	.name = "ACL",
	.settings = acl_settings,
	.count = COUNT(acl_settings),
	.size = sizeof(struct config_acl),
	.has_place = true,
};

static const struct schema_setting admin_settings[] = {
	TEXT(struct config_admin, listen, false,
	     "ADDRESS:PORT that serves /healthz, /readyz and /metrics",
	     "listen = \"127.0.0.1:9464\";"),
	{ ENTRY(struct config_admin, socket, SCHEMA_TEXT), .may_be_empty = true,
	  .initial_text = "",
	  .help = "Path of the Unix socket by which postern status, who, "
	          "reload and drain reach the gateway; without one, in "
	          "$RUNTIME_DIRECTORY or $XDG_RUNTIME_DIR",
	  .example = "socket = \"/run/postern/admin.sock\";" },
	{ ENTRY(struct config_admin, mode, SCHEMA_TEXT), .initial_text = "0660",
	  .help = "Access rights of that socket, octal",
	  .example = "mode = \"0600\";" },
};

static const struct schema admin = {
	.name = "admin group",
	.settings = admin_settings,
	.count = COUNT(admin_settings),
	.size = sizeof(struct config_admin),
};

static const struct schema_setting drain_settings[] = {
	NUMBER(struct config_drain, timeout_s, 0, 3600, 30,
	       "Seconds that sessions get to end when the gateway stops",
	       "timeout_s = 60;"),
	NUMBER(struct config_drain, spread_s, 0, 600, 5,
	       "Seconds over which their ends are spread", "spread_s = 20;"),
	NUMBER(struct config_drain, reload_grace_s, 0, 86400, 300,
	       "Seconds over which the sessions of the oldest configuration "
	       "end when too many are kept",
	       "reload_grace_s = 60;"),
	NUMBER(struct config_drain, generations, 0, 16, 4,
	       "Replaced configurations whose sessions are kept at a time",
	       "generations = 2;"),
};

static const struct schema drain = {
	.name = "drain group",
	.settings = drain_settings,
	.count = COUNT(drain_settings),
	.size = sizeof(struct config_drain),
};

static const struct schema_setting log_settings[] = {
	WORD(struct config_log, level, levels, CONFIG_LOG_INFO,
	     "How much is logged", "level = \"warning\";"),
	WORD(struct config_log, format, formats, CONFIG_LOG_TEXT,
	     "How a line of the log is written", "format = \"json\";"),
};

static const struct schema log_group = {
	.name = "log group",
	.settings = log_settings,
	.count = COUNT(log_settings),
	.size = sizeof(struct config_log),
};

static const struct schema_setting root_settings[] = {
	NUMBER(struct config, workers, 0, 64, 0,
	       "Number of worker processes; 0 is one for each usable CPU",
	       "workers = 2;"),
	SIZE(struct config, memory_bytes,
	     "Bytes of memory that all workers together may have; 0 is any "
	     "number",
	     "memory_bytes = 536870912;"),
	NUMBER(struct config, paho_sessions_per_worker, 1, 1000, 500,
	       "Sessions of kind json and channel that one worker may have",
	       "paho_sessions_per_worker = 250;"),
	GROUPS(listeners, listener_count, 1, schema_listener,
	       "Where browsers connect",
	       "listeners = (\n"
	       "  { address = \"127.0.0.1\"; port = 8083; }\n"
	       ");"),
	GROUPS(upstreams, upstream_count, 1, schema_upstream,
	       "Brokers that sessions are connected to",
	       "upstreams = (\n"
	       "  { name = \"plant\"; servers = [\"mqtt://10.0.0.6:1883\"]; }\n"
	       ");"),
	GROUPS(
	    acls, acl_count, 0, acl,
	    "Who may publish and subscribe to which topics",
	    "acls = (\n"
	    "  { name = \"dashboard\"; rules = [\"allow sub factory/#\"]; }\n"
	    ");"),
	GROUPS(
	    routes, route_count, 1, schema_route,
	    "Which path leads to which upstream, and for whom",
	    "routes = (\n"
	    "  { path = \"/mqtt\"; upstream = \"plant\"; acl = \"dashboard\";\n"
	    "    origins = [\"self\"]; }\n"
	    ");"),
	GROUP(struct config, admin, admin, "How the gateway is watched",
	      "admin = { listen = \"127.0.0.1:9464\"; };"),
	GROUP(struct config, drain, drain, "How the gateway stops",
	      "drain = { timeout_s = 60; spread_s = 20; };"),
	GROUP(struct config, log, log_group, "What is written to stderr",
	      "log = { level = \"warning\"; format = \"json\"; };"),
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
