/* SPDX-License-Identifier: Apache-2.0 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "config/config.h"
#include "config/kind.h"
#include "control/plain.h"
#include "control/status.h"
#include "control/status_words.h"
#include "json/text.h"
#include "json/writer.h"

#define NUMBER_BYTES 24

static void write_null(struct json_writer *writer, const char *name)
{
	json_write_raw(writer, name, slice_from_text("null"));
}

static void write_reload(struct json_writer *writer,
                         const struct status_reload *reload)
{
	if (reload->at_ms == 0) {
		write_null(writer, "last_reload");
		return;
	}
	json_write_object(writer, "last_reload");
	json_write_number(writer, "at_ms", reload->at_ms);
	json_write_boolean(writer, "is_good", reload->is_good);
	if (reload->why)
		plain_write_json(writer, "why", reload->why);
	else
		write_null(writer, "why");
	json_write_object_end(writer);
}

static void write_program(struct json_writer *writer,
                          const struct status *status)
{
	json_write_word(writer, "version", status->version);
	json_write_number(writer, "pid", status->pid);
	json_write_word(writer, "state", status_state_word(status->state));
	json_write_number(writer, "now_ms", status->now_ms);
	json_write_number(writer, "since_ms", status->since_ms);
	write_reload(writer, &status->reload);
}

static void write_generations(struct json_writer *writer,
                              const struct status *status)
{
	json_write_array(writer, "generations");
	for (size_t i = 0; i < status->generation_count; i++) {
		const struct status_generation *generation =
		    &status->generations[i];

		json_write_object(writer, NULL);
		json_write_number(writer, "number", generation->number);
		json_write_number(writer, "since_ms", generation->since_ms);
		json_write_number(writer, "workers", generation->workers);
		json_write_number(writer, "sessions", generation->sessions);
		json_write_word(writer, "role",
		                status_role_word(generation->role));
		json_write_object_end(writer);
	}
	json_write_array_end(writer);
}

static void write_days(struct json_writer *writer, int64_t days)
{
	char text[NUMBER_BYTES];

	snprintf(text, sizeof text, "%" PRId64, days);
	json_write_raw(writer, "days_left", slice_from_text(text));
}

static void write_certificates(struct json_writer *writer,
                               const struct status *status,
                               const struct status_listener *listener)
{
	json_write_array(writer, "certificates");
	for (size_t i = 0; i < listener->certificate_count; i++) {
		const struct status_certificate *certificate =
		    &listener->certificates[i];

		json_write_object(writer, NULL);
		plain_write_json(writer, "names", certificate->names);
		json_write_number(writer, "until_ms", certificate->until_ms);
		write_days(writer,
		           status_days_left(status, certificate->until_ms));
		json_write_object_end(writer);
	}
	json_write_array_end(writer);
}

static void write_rules(struct json_writer *writer,
                        const struct config_listener *config)
{
	static const char *const words[] = {
		[CONFIG_CLIENT_CERTIFICATE_NONE] = "none",
		[CONFIG_CLIENT_CERTIFICATE_OPTIONAL] = "optional",
		[CONFIG_CLIENT_CERTIFICATE_REQUIRED] = "required",
	};
	const struct config_texts *proxies = &config->trusted_proxies;

	json_write_word(writer, "client_certificate",
	                words[config->tls.client_certificate]);
	json_write_array(writer, "trusted_proxies");
	for (size_t i = 0; i < proxies->count; i++)
		plain_write_json(writer, NULL, proxies->list[i].value);
	json_write_array_end(writer);
	json_write_boolean(writer, "proxy_protocol", config->proxy_protocol);
}

static void write_listeners(struct json_writer *writer,
                            const struct status *status)
{
	json_write_array(writer, "listeners");
	for (size_t i = 0; i < status->listener_count; i++) {
		const struct status_listener *listener = &status->listeners[i];

		json_write_object(writer, NULL);
		plain_write_json(writer, "name", listener->name);
		json_write_boolean(writer, "has_tls",
		                   listener->certificate_count > 0);
		write_certificates(writer, status, listener);
		write_rules(writer, listener->config);
		json_write_object_end(writer);
	}
	json_write_array_end(writer);
}

static void write_servers(struct json_writer *writer,
                          const struct status *status,
                          const struct config_upstream *upstream)
{
	json_write_array(writer, "servers");
	for (size_t i = 0; i < upstream->servers.count; i++) {
		const char *url = upstream->servers.list[i].value;
		size_t server =
		    shared_server(status->shared, upstream->name.value, url);

		json_write_object(writer, NULL);
		plain_write_json(writer, "url", url);
		json_write_word(
		    writer, "reach",
		    status_reach_word(shared_reach(status->shared, server)));
		json_write_object_end(writer);
	}
	json_write_array_end(writer);
}

static void write_upstreams(struct json_writer *writer,
                            const struct status *status)
{
	json_write_array(writer, "upstreams");
	for (size_t i = 0; i < status->config->upstream_count; i++) {
		const struct config_upstream *upstream =
		    &status->config->upstreams[i];

		json_write_object(writer, NULL);
		plain_write_json(writer, "name", upstream->name.value);
		json_write_number(writer, "connects_per_s",
		                  upstream->connects_per_s);
		write_servers(writer, status, upstream);
		json_write_object_end(writer);
	}
	json_write_array_end(writer);
}

/* False: no memory. */
static bool write_route(struct json_writer *writer, const struct status *status,
                        size_t index)
{
	const struct config_route *route = &status->config->routes[index];
	size_t number = shared_route(status->shared, route->path.value);
	char *charter = status_charter(status, index);

	if (!charter)
		return false;
	json_write_object(writer, NULL);
	plain_write_json(writer, "path", route->path.value);
	json_write_word(writer, "kind", kind_words[route->kind]);
	json_write_number(writer, "sessions",
	                  shared_sum_sessions(status->shared, number));
	plain_write_json(writer, "policy", charter);
	json_write_object_end(writer);
	free(charter);
	return true;
}

static bool write_routes(struct json_writer *writer,
                         const struct status *status)
{
	bool is_whole = true;

	json_write_array(writer, "routes");
	for (size_t i = 0; i < status->config->route_count; i++)
		is_whole = write_route(writer, status, i) && is_whole;
	json_write_array_end(writer);
	return is_whole;
}

static void write_reasons(struct json_writer *writer,
                          const struct status *status, const char *name,
                          enum shared_counter first)
{
	json_write_object(writer, name);
	for (int i = CLOSE_NONE + 1; i < CLOSE_REASONS; i++) {
		enum close_reason reason = (enum close_reason)i;
		uint64_t count = status_count_of(status, first, reason);

		if (count > 0)
			json_write_number(writer, close_answer(reason)->word,
			                  count);
	}
	json_write_object_end(writer);
}

static bool write_all(struct json_text *text, const struct status *status)
{
	struct json_writer writer;
	bool is_whole;

	json_writer_begin(&writer, text);
	write_program(&writer, status);
	write_generations(&writer, status);
	write_listeners(&writer, status);
	write_upstreams(&writer, status);
	is_whole = write_routes(&writer, status);
	write_reasons(&writer, status, "refused", SHARED_REFUSALS);
	write_reasons(&writer, status, "ended", SHARED_CLOSES);
	return json_writer_end(&writer) && is_whole &&
	       json_text_add(text, slice_from_text("\n"));
}

char *status_json(const struct status *status)
{
	struct json_text text;
	struct slice written;
	char *copy = NULL;

	json_text_init(&text);
	if (write_all(&text, status)) {
		written = json_text_written(&text);
		copy = strndup((const char *)written.data, written.len);
	}
	json_text_finish(&text);
	return copy;
}
