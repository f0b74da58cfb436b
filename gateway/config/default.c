/* SPDX-License-Identifier: Apache-2.0 */
#include "config/default.h"

#include <arpa/inet.h>
#include <assert.h>
#include <stdio.h>
#include <stdlib.h>

#include "config/address.h"
#include "config/config.h"
#include "config/load.h"
#include "config/memory.h"
#include "config/print.h"
#include "config/schema.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))
#define DEFAULT_PORT 8083

struct default_route {
	const char *path;
	const char *kind;
};

static const struct default_route routes[] = {
	{ "/mqtt", "mqtt" },
	{ "/", "mqtt" },
	{ "/json", "json" },
};
static const char *const default_servers[] = { "mqtt://127.0.0.1:1883" };
static const char *const default_origins[] = {
	"http://localhost:*",
	"http://127.0.0.1:*",
	"http://[::1]:*",
};

static void write_texts(FILE *out, const char *const *texts, size_t count)
{
	fputs("[", out);
	for (size_t i = 0; i < count; i++) {
		fputs(i == 0 ? "" : ", ", out);
		print_text(texts[i], out);
	}
	fputs("]", out);
}

/* The texts of an option; `false`: there are none, or one is wrong. */
static bool are_usable(const char *option, const char *const *texts,
                       size_t count, struct problems *problems)
{
	struct config_place place = { option, 0 };
	bool is_usable = count > 0;

	for (size_t i = 0; i < count; i++) {
		if (schema_takes_text(texts[i]))
			continue;
		problem_error(problems, place, "wants a text, not %s",
		              texts[i][0] == '\0' ? "an empty one"
		                                  : "control characters");
		is_usable = false;
	}
	return is_usable;
}

static void write_listener(FILE *out, const char *address, unsigned port,
                           size_t *count)
{
	fprintf(out, "%s{ address = \"%s\"; port = %u; }",
	        *count == 0 ? "" : ",\n", address, port);
	(*count)++;
}

static void write_loopback(FILE *out, unsigned port, bool has_ipv6,
                           size_t *count)
{
	write_listener(out, "127.0.0.1", port, count);
	if (has_ipv6)
		write_listener(out, "::1", port, count);
}

static void write_listen(FILE *out, const char *text, bool has_ipv6,
                         size_t *count, struct problems *problems)
{
	char name[INET6_ADDRSTRLEN];
	struct address address;
	uint16_t port;

	if (address_read_port(text, &port)) {
		write_loopback(out, port, has_ipv6, count);
		return;
	}
	if (!address_read_with_port(text, &address)) {
		problem_error(problems, (struct config_place){ "--listen", 0 },
		              "\"%.60s\" is not [ADDRESS:]PORT: write one like "
		              "8083, 127.0.0.1:8083, 0.0.0.0:8083 or "
		              "[::1]:8083",
		              text);
		return;
	}
	inet_ntop(address.is_ipv6 ? AF_INET6 : AF_INET, address.bytes, name,
	          sizeof(name));
	write_listener(out, name, address.port, count);
}

static void write_listeners(FILE *out, const struct config_overrides *overrides,
                            struct problems *problems)
{
	size_t count = 0;

	fputs("listeners = (\n", out);
	for (size_t i = 0; i < overrides->listen_count; i++)
		write_listen(out, overrides->listens[i], overrides->has_ipv6,
		             &count, problems);
	if (count == 0)
		write_loopback(out, DEFAULT_PORT, overrides->has_ipv6, &count);
	fputs(" );\n", out);
}

static void write_upstreams(FILE *out, const struct config_overrides *overrides,
                            struct problems *problems)
{
	fputs("upstreams = ( { name = \"default\"; servers = ", out);
	if (are_usable("--upstream", overrides->upstreams,
	               overrides->upstream_count, problems))
		write_texts(out, overrides->upstreams,
		            overrides->upstream_count);
	else
		write_texts(out, default_servers, COUNT(default_servers));
	fputs("; } );\n", out);
}

static void write_routes(FILE *out, const struct config_overrides *overrides,
                         struct problems *problems)
{
	bool is_overridden = are_usable("--origin", overrides->origins,
	                                overrides->origin_count, problems);

	fputs("routes = (\n", out);
	for (size_t i = 0; i < COUNT(routes); i++) {
		fprintf(out,
		        "%s{ path = \"%s\"; kind = \"%s\"; "
		        "upstream = \"default\"; absent = \"allow\"; "
		        "origins = ",
		        i == 0 ? "" : ",\n", routes[i].path, routes[i].kind);
		if (is_overridden)
			write_texts(out, overrides->origins,
			            overrides->origin_count);
		else
			write_texts(out, default_origins,
			            COUNT(default_origins));
		fputs("; }", out);
	}
	fputs(" );\n", out);
}

static char *write_text(const struct config_overrides *overrides,
                        struct problems *problems)
{
	char *text = NULL;
	size_t len = 0;
	FILE *out = memory_checked(open_memstream(&text, &len));

	write_listeners(out, overrides, problems);
	write_upstreams(out, overrides, problems);
	write_routes(out, overrides, problems);
	if (fclose(out) != 0)
		memory_checked(NULL);
	return text;
}

static void place_texts(struct config_texts *texts, const char *option)
{
	for (size_t i = 0; i < texts->count; i++)
		texts->list[i].place = (struct config_place){ option, 0 };
}

/* Lets later problems point to the option that brought a value. */
static void place_overrides(struct config *config,
                            const struct config_overrides *overrides)
{
	struct config_place listen = { "--listen", 0 };

	for (size_t i = 0; i < config->listener_count; i++) {
		if (overrides->listen_count == 0)
			break;
		config->listeners[i].place = listen;
		config->listeners[i].address.place = listen;
	}
	for (size_t i = 0; i < config->upstream_count; i++) {
		if (overrides->upstream_count > 0)
			place_texts(&config->upstreams[i].servers,
			            "--upstream");
	}
	for (size_t i = 0; i < config->route_count; i++) {
		if (overrides->origin_count > 0)
			place_texts(&config->routes[i].origins, "--origin");
	}
}

static bool is_all_loopback(const struct config *config)
{
	for (size_t i = 0; i < config->listener_count; i++) {
		if (!config_is_loopback(&config->listeners[i]))
			return false;
	}
	return true;
}

static void deny_absent(struct config *config, struct problems *problems)
{
	for (size_t i = 0; i < config->route_count; i++)
		config->routes[i].absent = CONFIG_ABSENT_DENY;
	problem_warning(problems, (struct config_place){ "--listen", 0 },
	                "other machines can reach this: clients that send no "
	                "Origin (programs, not browsers) are refused; to let "
	                "them in, write a configuration file with absent = "
	                "\"allow\" on the route");
}

struct config *config_default(const struct config_overrides *overrides,
                              struct problems *problems)
{
	char *text = write_text(overrides, problems);
	struct config *config =
	    config_load_text(PROBLEM_BUILT_IN, text, problems);

	free(text);
	assert(config != NULL);
	place_overrides(config, overrides);
	if (!is_all_loopback(config))
		deny_absent(config, problems);
	return config;
}
