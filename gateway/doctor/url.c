/* SPDX-License-Identifier: Apache-2.0 */
#include "doctor/url.h"

#include <arpa/inet.h>
#include <assert.h>
#include <stdio.h>
#include <string.h>

#include "policy/ascii.h"
#include "policy/authority.h"

#define WS_PORT 80
#define WSS_PORT 443
#define LAST_PRINTABLE 0x7e
#define BETWEEN "://"

static const char *const fault_texts[URL_FAULTS] = {
	[URL_FINE] = "nothing is wrong",
	[URL_NO_SCHEME] = "write the URL as the page does, as in "
	                  "wss://plant.example.com/mqtt",
	[URL_HTTP] = "a WebSocket has ws:// where its page has http://",
	[URL_HTTPS] = "a WebSocket has wss:// where its page has https://",
	[URL_MQTT] = "that is a broker's own port, which no browser can use: "
	             "give the ws:// or wss:// URL of the page",
	[URL_OTHER_SCHEME] = "browsers know ws:// and wss:// only",
	[URL_OCTET] = "holds a blank or what is not US-ASCII: write a host in "
	              "its xn-- form and the rest with %XX",
	[URL_USER] = "browsers send no user of a URL: give --user and "
	             "--password-file",
	[URL_FRAGMENT] =
	    "browsers refuse a # in it: remove it and what follows",
	[URL_BAD_HOST] = "no host name and no address: write ws://HOST[:PORT]/"
	                 "PATH, an IPv6 address in brackets",
	[URL_BAD_PORT] = "the port is a number from 1 to 65535",
	[URL_TOO_LONG] = "too long",
};

struct scheme {
	const char *name;
	enum url_fault fault;
	bool is_secure;
};

static const struct scheme schemes[] = {
	{ "ws", URL_FINE, false },   { "wss", URL_FINE, true },
	{ "http", URL_HTTP, false }, { "https", URL_HTTPS, false },
	{ "mqtt", URL_MQTT, false }, { "mqtts", URL_MQTT, false },
	{ "tcp", URL_MQTT, false },  { "ssl", URL_MQTT, false },
	{ "tls", URL_MQTT, false },  { "unix", URL_MQTT, false },
};

static enum url_fault check_octets(struct slice text)
{
	for (size_t i = 0; i < text.len; i++) {
		if (text.data[i] <= ' ' || text.data[i] > LAST_PRINTABLE)
			return URL_OCTET;
	}
	return URL_FINE;
}

static enum url_fault read_scheme(struct slice *rest, bool *is_secure)
{
	const char *text = (const char *)rest->data;
	const char *end = strstr(text, BETWEEN);
	struct slice name;

	if (!end)
		return URL_NO_SCHEME;
	name = slice_take(rest, (size_t)(end - text));
	slice_take(rest, strlen(BETWEEN));
	for (size_t i = 0; i < sizeof schemes / sizeof schemes[0]; i++) {
		if (!ascii_same(name, slice_from_text(schemes[i].name)))
			continue;
		*is_secure = schemes[i].is_secure;
		return schemes[i].fault;
	}
	return URL_OTHER_SCHEME;
}

/* Takes what stands before the first octet of `ends`. */
static struct slice take_until(struct slice *rest, const char *ends)
{
	return slice_take(rest, strcspn((const char *)rest->data, ends));
}

static enum url_fault read_host(struct slice text, struct url *url)
{
	struct authority_host host;

	if (authority_read_host(text, &host) != AUTHORITY_FINE)
		return URL_BAD_HOST;
	url->is_address = host.kind != AUTHORITY_NAME;
	url->is_loopback = authority_is_loopback(&host);
	if (host.kind != AUTHORITY_NAME) {
		inet_ntop(host.kind == AUTHORITY_IPV6 ? AF_INET6 : AF_INET,
		          host.address, url->host, sizeof url->host);
		return URL_FINE;
	}
	for (size_t i = 0; i < text.len; i++)
		url->host[i] = (char)ascii_fold(text.data[i]);
	return URL_FINE;
}

static void write_authority(struct url *url, uint16_t usual)
{
	bool is_ipv6 = strchr(url->host, ':') != NULL;
	char port[8] = "";

	if (url->port != usual)
		snprintf(port, sizeof port, ":%u", url->port);
	snprintf(url->authority, sizeof url->authority, "%s%.255s%s%s",
	         is_ipv6 ? "[" : "", url->host, is_ipv6 ? "]" : "", port);
}

static enum url_fault read_authority(struct slice text, struct url *url)
{
	struct slice host, port;
	uint16_t usual = url->is_secure ? WSS_PORT : WS_PORT;
	enum url_fault fault;

	if (text.len > 0 && memchr(text.data, '@', text.len))
		return URL_USER;
	authority_split(text, &host, &port);
	fault = read_host(host, url);
	if (fault != URL_FINE)
		return fault;
	url->port = usual;
	if (port.len > 0 && !authority_read_port(port, &url->port))
		return URL_BAD_PORT;

	write_authority(url, usual);
	return URL_FINE;
}

static enum url_fault read_target(struct slice text, struct url *url)
{
	bool has_path = text.len > 0 && text.data[0] == '/';
	int len = snprintf(url->target, sizeof url->target, "%s%.*s",
	                   has_path ? "" : "/", (int)text.len,
	                   (const char *)text.data);

	url->path_len = strcspn(url->target, "?");
	return len < (int)sizeof url->target ? URL_FINE : URL_TOO_LONG;
}

enum url_fault url_read(const char *text, struct url *url)
{
	struct slice rest = slice_from_text(text);
	struct url read = { 0 };
	enum url_fault fault = check_octets(rest);

	if (fault == URL_FINE)
		fault = read_scheme(&rest, &read.is_secure);
	if (fault == URL_FINE)
		fault = read_authority(take_until(&rest, "/?#"), &read);
	if (fault == URL_FINE && memchr(rest.data, '#', rest.len))
		fault = URL_FRAGMENT;
	if (fault == URL_FINE)
		fault = read_target(rest, &read);
	if (fault == URL_FINE)
		*url = read;
	return fault;
}

const char *url_fault_text(enum url_fault fault)
{
	assert(fault < URL_FAULTS);
	return fault_texts[fault];
}

void url_origin(const struct url *url, char origin[URL_ORIGIN_BYTES])
{
	snprintf(origin, URL_ORIGIN_BYTES, "%s%s%s",
	         url->is_secure ? "https" : "http", BETWEEN, url->authority);
}

struct slice url_path(const struct url *url)
{
	return (struct slice){ (const uint8_t *)url->target, url->path_len };
}
