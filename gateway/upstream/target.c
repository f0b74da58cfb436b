/* SPDX-License-Identifier: Apache-2.0 */
#include "upstream/target.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <stdlib.h>
#include <string.h>
#include <sys/un.h>

#include "base/log.h"

#define MQTT_PORT 1883
#define MQTTS_PORT 8883
#define AVOID_MS 10000
#define HOST_BYTES_MAX 253

static const char url_form[] =
    "write mqtt://HOST[:PORT] (port 1883 when left out), "
    "mqtts://HOST[:PORT] for TLS (port 8883) or unix:/PATH";

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

static bool read_authority(struct target *target, const char *text,
                           uint16_t port)
{
	size_t len = host_len(text);

	target->port = port;
	if (len == 0 ||
	    (text[len] != '\0' &&
	     (text[len] != ':' || !read_port(text + len + 1, &target->port))))
		return false;
	return read_host(target, text, len);
}

/* Certificates name hosts without the dot of the root, and no brackets. */
static char *copy_name(const char *text, size_t len)
{
	if (text[0] == '[') {
		text++;
		len -= 2;
	}
	if (len > 1 && text[len - 1] == '.')
		len--;
	return strndup(text, len);
}

static bool read_secure(struct target *target, const char *text,
                        const char *server_name)
{
	if (!read_authority(target, text, MQTTS_PORT))
		return false;
	target->server_name = server_name
	                          ? copy_name(server_name, strlen(server_name))
	                          : copy_name(text, host_len(text));
	return target->server_name != NULL;
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

static bool read_url(struct target *target, const char *url,
                     const char *server_name)
{
	target->url = url;
	if (strncmp(url, "mqtt://", 7) == 0)
		return read_authority(target, url + 7, MQTT_PORT);
	if (strncmp(url, "mqtts://", 8) == 0)
		return read_secure(target, url + 8, server_name);
	if (strncmp(url, "unix:", 5) == 0)
		return read_path(target, url + 5);
	return false;
}

static void read_servers(struct upstream *upstream, struct problems *problems)
{
	const struct config_upstream *config = upstream->config;

	for (size_t i = 0; i < upstream->target_count; i++) {
		const struct config_text *server = &config->servers.list[i];

		if (!read_url(&upstream->targets[i], server->value,
		              config->tls.server_name.value))
			problem_error(problems, server->place,
			              "server \"%s\": %s", server->value,
			              url_form);
	}
}

static void check_server_name(const struct config_text *name,
                              struct problems *problems)
{
	uint8_t octets[sizeof(struct in6_addr)];

	if (!name->value || is_host(name->value, strlen(name->value)) ||
	    inet_pton(AF_INET6, name->value, octets) == 1)
		return;
	problem_error(problems, name->place,
	              "server_name \"%.60s\": write the name or the address "
	              "that stands in the broker's certificate",
	              name->value);
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
	read_servers(upstream, problems);
	check_server_name(&config->tls.server_name, problems);
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
		free(upstream->targets[i].server_name);
	}
	free(upstream->targets);
	free(upstream);
}

bool upstream_has_tls(const struct upstream *upstream)
{
	for (size_t i = 0; i < upstream->target_count; i++) {
		if (upstream->targets[i].server_name)
			return true;
	}
	return false;
}

void target_failed(struct target *target, uint64_t now_ms, const char *event,
                   enum close_reason reason, const char *why)
{
	uint64_t suppressed;

	target->failed_at_ms = now_ms;
	if (blame_is_new(&target->blame, why, now_ms, &suppressed))
		log_warning(
		    event,
		    LOG_FIELDS(log_text("reason", close_answer(reason)->word),
		               log_text("server", target->url),
		               log_text("why", why),
		               log_number("suppressed", suppressed)));
}

void target_answered(struct target *target)
{
	blame_forget(&target->blame);
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
