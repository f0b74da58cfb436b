/* SPDX-License-Identifier: Apache-2.0 */
#include "upstream/target.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <stdlib.h>
#include <string.h>
#include <sys/un.h>

#define MQTT_PORT 1883
#define AVOID_MS 10000
#define HOST_BYTES_MAX 253

static const char url_form[] =
    "write mqtt://HOST[:PORT] (port 1883 when left out) or unix:/PATH";

static bool read_port(const char *text, uint16_t *port)
{
	char *end;
	unsigned long number = strtoul(text, &end, 10);

	if (text[0] < '1' || text[0] > '9' || *end || number > UINT16_MAX)
		return false;
	*port = (uint16_t)number;
	return true;
}

static bool is_host(const char *text, size_t len)
{
	static const char letters[] = "abcdefghijklmnopqrstuvwxyz"
	                              "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
	                              "0123456789-._";

	return len > 0 && len <= HOST_BYTES_MAX && strspn(text, letters) >= len;
}

/* An address needs no look-up; false: it is a name. */
static bool set_address(struct target *target, int family, const char *text)
{
	struct sockaddr_in *in = (void *)&target->address;
	struct sockaddr_in6 *in6 = (void *)&target->address;
	void *octets =
	    family == AF_INET ? (void *)&in->sin_addr : (void *)&in6->sin6_addr;

	if (inet_pton(family, text, octets) != 1)
		return false;
	target->address.ss_family = (sa_family_t)family;
	in->sin_port =
	    htons(target->port); /* in6->sin6_port stands there too */
	return true;
}

/* HOST or [ADDRESS], up to `len`, into `target`. */
static bool read_host(struct target *target, const char *text, size_t len)
{
	char host[HOST_BYTES_MAX + 1];
	bool is_bracketed = text[0] == '[';

	if (is_bracketed) {
		text++;
		len -= 2;
	}
	if (len > HOST_BYTES_MAX || (!is_bracketed && !is_host(text, len)))
		return false;
	memcpy(host, text, len);
	host[len] = '\0';
	if (is_bracketed || set_address(target, AF_INET, host))
		return !is_bracketed || set_address(target, AF_INET6, host);
	target->host = strdup(host);
	return target->host != NULL;
}

/* How much of `text` is the host, brackets included; 0: it is none. */
static size_t host_len(const char *text)
{
	const char *end = text[0] == '[' ? strchr(text, ']') : NULL;

	if (text[0] == '[')
		return end && end > text + 1 ? (size_t)(end - text) + 1 : 0;
	return strcspn(text, ":");
}

static bool read_authority(struct target *target, const char *text)
{
	size_t len = host_len(text);

	target->port = MQTT_PORT;
	if (len == 0 ||
	    (text[len] != '\0' &&
	     (text[len] != ':' || !read_port(text + len + 1, &target->port))))
		return false;
	return read_host(target, text, len);
}

static bool read_path(struct target *target, const char *text)
{
	struct sockaddr_un *un = (void *)&target->address;

	if (text[0] != '/' || strlen(text) >= sizeof un->sun_path)
		return false;
	un->sun_family = AF_UNIX;
	memcpy(un->sun_path, text, strlen(text) + 1);
	return true;
}

static bool read_url(struct target *target, const char *url)
{
	target->url = url;
	if (strncmp(url, "mqtt://", 7) == 0)
		return read_authority(target, url + 7);
	if (strncmp(url, "unix:", 5) == 0)
		return read_path(target, url + 5);
	return false;
}

struct upstream *upstream_create(const struct config_upstream *config,
                                 struct problems *problems)
{
	size_t errors = problems->errors;
	struct upstream *upstream = calloc(1, sizeof *upstream);

	if (!upstream)
		return NULL;
	upstream->config = config;
	upstream->targets =
	    calloc(config->servers.count + 1, sizeof *upstream->targets);
	if (!upstream->targets) {
		free(upstream);
		return NULL;
	}
	upstream->target_count = config->servers.count;
	for (size_t i = 0; i < config->servers.count; i++) {
		const struct config_text *server = &config->servers.list[i];

		if (!read_url(&upstream->targets[i], server->value))
			problem_error(problems, server->place,
			              "server \"%s\": %s", server->value,
			              url_form);
	}
	if (problems->errors == errors)
		return upstream;
	upstream_destroy(upstream);
	return NULL;
}

void upstream_destroy(struct upstream *upstream)
{
	if (!upstream)
		return;
	for (size_t i = 0; i < upstream->target_count; i++)
		free(upstream->targets[i].host);
	free(upstream->targets);
	free(upstream);
}

static bool is_avoided(const struct target *target, uint64_t now_ms)
{
	return target->failed_at_ms != 0 &&
	       now_ms - target->failed_at_ms < AVOID_MS;
}

void upstream_order(const struct upstream *upstream, uint64_t now_ms,
                    size_t *order)
{
	size_t n = 0;

	for (int avoided = 0; avoided <= 1; avoided++) {
		for (size_t i = 0; i < upstream->target_count; i++) {
			if (is_avoided(&upstream->targets[i], now_ms) ==
			    (avoided == 1))
				order[n++] = i;
		}
	}
}
