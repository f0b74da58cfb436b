/* SPDX-License-Identifier: Apache-2.0 */
#include "upstream/target.h"

#include <arpa/inet.h>
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

static bool read_bracketed(struct target *target, const char *text)
{
	struct in6_addr ignored;
	const char *end = strchr(text, ']');

	if (!end)
		return false;
	target->host = strndup(text + 1, (size_t)(end - text) - 1);
	if (!target->host || inet_pton(AF_INET6, target->host, &ignored) != 1)
		return false;
	return end[1] == '\0' ||
	       (end[1] == ':' && read_port(end + 2, &target->port));
}

static bool read_authority(struct target *target, const char *text)
{
	target->port = MQTT_PORT;
	if (text[0] == '[')
		return read_bracketed(target, text);

	size_t len = strcspn(text, ":");

	if (!is_host(text, len))
		return false;
	target->host = strndup(text, len);
	return target->host &&
	       (text[len] == '\0' || read_port(text + len + 1, &target->port));
}

static bool read_path(struct target *target, const char *text)
{
	target->scheme = TARGET_UNIX;
	if (text[0] != '/' ||
	    strlen(text) >= sizeof(((struct sockaddr_un *)0)->sun_path))
		return false;
	target->path = strdup(text);
	return target->path != NULL;
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
	for (size_t i = 0; i < upstream->target_count; i++) {
		free(upstream->targets[i].host);
		free(upstream->targets[i].path);
	}
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
