/* SPDX-License-Identifier: Apache-2.0 */
#include "config/schema_entry.h"

#include "config/config.h"

static const char *const proxies[] = { "none", "v1", "v2", NULL };

static const struct schema_setting upstream_tls_settings[] = {
	TEXT(struct config_upstream_tls, ca, false,
	     "PEM file with the authorities that may sign the broker's "
	     "certificate; without one, those of the system",
	     "ca = \"/etc/postern/plant-ca.pem\";"),
	TEXT(struct config_upstream_tls, certificate, false,
	     "PEM file with the certificate that the gateway shows to the "
	     "broker, followed by its chain",
	     "certificate = \"/etc/postern/gateway.pem\";\n"
	     "key = \"/etc/postern/gateway.key\";"),
	TEXT(struct config_upstream_tls, key, false,
	     "PEM file with the private key of that certificate",
	     "certificate = \"/etc/postern/gateway.pem\";\n"
	     "key = \"/etc/postern/gateway.key\";"),
	TEXT(struct config_upstream_tls, server_name, false,
	     "Name or address that the broker's certificate must have; "
	     "without one, the host of the URL",
	     "server_name = \"broker.example.com\";"),
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
	     "Name by which routes refer to this upstream",
	     "name = \"plant\";"),
	TEXTS(struct config_upstream, servers, 1,
	      "URLs of the broker, tried in this order",
	      "servers = [\"mqtts://broker-a:8883\", "
	      "\"mqtts://broker-b:8883\"];"),
	GROUP(struct config_upstream, tls, upstream_tls,
	      "Whom to trust, and what to show, at mqtts:// servers",
	      "servers = [\"mqtts://broker-a:8883\"];\n"
	      "tls = { ca = \"/etc/postern/plant-ca.pem\"; };"),
	TEXT(struct config_upstream, username, false,
	     "User name that the gateway has at the broker",
	     "username = \"web\";\n"
	     "password_file = \"/etc/postern/plant.password\";\n"
	     "inject = true;"),
	TEXT(struct config_upstream, password_file, false,
	     "File with the password that belongs to it",
	     "username = \"web\";\n"
	     "password_file = \"/etc/postern/plant.password\";\n"
	     "inject = true;"),
	BOOL(struct config_upstream, inject, false,
	     "Whether each CONNECT gets this login in place of the browser's "
	     "own",
	     "username = \"web\";\n"
	     "password_file = \"/etc/postern/plant.password\";\n"
	     "inject = true;"),
	NUMBER(struct config_upstream, connect_timeout_ms, 10, 60000, 5000,
	       "Milliseconds that connecting to one server may take",
	       "connect_timeout_ms = 2000;"),
	NUMBER(struct config_upstream, connects_per_s, 0, 100000, 200,
	       "Connections that the whole gateway begins towards the upstream "
	       "in a second; 0 is any number",
	       "connects_per_s = 50;"),
	WORD(struct config_upstream, proxy_protocol, proxies, CONFIG_PROXY_NONE,
	     "Whether the broker is told who the browser is, in a PROXY header "
	     "in front of each connection",
	     "proxy_protocol = \"v2\";"),
};

const struct schema schema_upstream = {
	.name = "upstream",
	.settings = upstream_settings,
	.count = COUNT(upstream_settings),
	.size = sizeof(struct config_upstream),
	.has_place = true,
};
