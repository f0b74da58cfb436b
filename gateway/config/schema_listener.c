/* SPDX-License-Identifier: Apache-2.0 */
#include "config/schema_entry.h"

#include "config/config.h"

static const char *const profiles[] = { "intermediate", "modern", NULL };
static const char *const wishes[] = { "none", "optional", "required", NULL };

static const struct schema_setting certificate_settings[] = {
	TEXT(struct config_certificate, certificate, true,
	     "PEM file with the certificate, followed by its chain",
	     "certificate = \"/etc/postern/other.pem\";"),
	TEXT(struct config_certificate, key, true,
	     "PEM file with the private key of the certificate",
	     "key = \"/etc/postern/other.key\";"),
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
	     "PEM file with the certificate, followed by its chain",
	     "certificate = \"/etc/postern/certificate.pem\";"),
	TEXT(struct config_listener_tls, key, true,
	     "PEM file with the private key of the certificate",
	     "key = \"/etc/postern/key.pem\";"),
	GROUPS_IN(
	    struct config_listener_tls, certificates, certificate_count, 0,
	    certificate,
	    "More certificates, each for browsers that ask for a host name it "
	    "has; an EC and an RSA one of the same names go together",
	    "certificates = (\n"
	    "  { certificate = \"/etc/postern/other.pem\";\n"
	    "    key = \"/etc/postern/other.key\"; }\n"
	    ");"),
	WORD(
	    struct config_listener_tls, profile, profiles,
	    CONFIG_PROFILE_INTERMEDIATE,
	    "Versions that are spoken: intermediate is TLS 1.2 and 1.3, modern "
	    "1.3 only",
	    "profile = \"modern\";"),
	WORD(struct config_listener_tls, client_certificate, wishes,
	     CONFIG_CLIENT_CERTIFICATE_NONE,
	     "Whether clients are asked for a certificate; its subject is then "
	     "the user, and a user name in CONNECT is not",
	     "client_certificate = \"required\";\n"
	     "client_ca = \"/etc/postern/clients.pem\";"),
	TEXT(
	    struct config_listener_tls, client_ca, false,
	    "PEM file with the certificate authorities of clients, up to their "
	    "roots",
	    "client_certificate = \"optional\";\n"
	    "client_ca = \"/etc/postern/clients.pem\";"),
	TEXT(struct config_listener_tls, client_crl, false,
	     "PEM file with revocation lists: one of the issuer of each client "
	     "certificate; where each authority has one, those between are "
	     "checked, too",
	     "client_certificate = \"required\";\n"
	     "client_ca = \"/etc/postern/clients.pem\";\n"
	     "client_crl = \"/etc/postern/clients.crl\";"),
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
	     "Numeric IPv4 or IPv6 address to listen on",
	     "address = \"0.0.0.0\";"),
	NUMBER(struct config_listener, port, 1, 65535, 0,
	       "TCP port to listen on", "port = 8084;"),
	{ .name = "unix",
	  .kind = SCHEMA_TEXT,
	  .offset = offsetof(struct config_listener, unix_path),
	  .help = "Path of a Unix socket to listen on, in place of address and "
	          "port",
	  .example = "unix = \"/run/postern/ws.sock\";" },
	{ ENTRY(struct config_listener, mode, SCHEMA_TEXT),
	  .belongs_to = offsetof(struct config_listener, unix_path),
	  .initial_text = "0660",
	  .help = "Access rights of the Unix socket, octal",
	  .example = "unix = \"/run/postern/ws.sock\";\n"
	             "mode = \"0600\";" },
	TEXTS(struct config_listener, public_urls, 0,
	      "URLs under which browsers know this listener: what \"self\" in "
	      "origins stands for, and the host names it answers to",
	      "public_urls = [\"https://plant.example.com:8084\"];"),
	GROUP(struct config_listener, tls, listener_tls,
	      "Certificate of a listener that speaks TLS",
	      "tls = {\n"
	      "  certificate = \"/etc/postern/certificate.pem\";\n"
	      "  key = \"/etc/postern/key.pem\";\n"
	      "};"),
	TEXTS(struct config_listener, trusted_proxies, 0,
	      "Proxies whose word on who the client is counts: addresses, "
	      "networks, or \"unix\" for all that come by a Unix socket",
	      "trusted_proxies = [\"127.0.0.1\", \"10.20.0.0/16\"];"),
	BOOL(struct config_listener, proxy_protocol, false,
	     "Whether each connection begins with a PROXY header, version 1 or "
	     "2, of a trusted proxy",
	     "proxy_protocol = true;\n"
	     "trusted_proxies = [\"127.0.0.1\"];"),
	NUMBER(struct config_listener, handshakes_per_s_per_address, 0, 1000000,
	       0,
	       "Handshakes that one address may begin in a second; 0 is any "
	       "number",
	       "handshakes_per_s_per_address = 20;"),
	NUMBER(struct config_listener, connections_per_address, 0, 1000000, 0,
	       "Connections that one address may have open; 0 is any number",
	       "connections_per_address = 50;"),
	NUMBER(struct config_listener, header_timeout_ms, 100, 60000, 10000,
	       "Milliseconds that a client may take for its request",
	       "header_timeout_ms = 5000;"),
	NUMBER(struct config_listener, header_bytes, 1024, 65536, 16384,
	       "Bytes that the header of a request may have",
	       "header_bytes = 32768;"),
};

const struct schema schema_listener = {
	.name = "listener",
	.settings = listener_settings,
	.count = COUNT(listener_settings),
	.size = sizeof(struct config_listener),
	.has_place = true,
};
