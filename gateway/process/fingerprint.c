/* SPDX-License-Identifier: Apache-2.0 */
#include "process/fingerprint.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/hash.h"
#include "base/slice.h"
#include "config/print.h"

/* No stranger chooses what is hashed here: any seed is as good. */
static const struct hash_seed seed;

static void add_secrets(FILE *out, const struct config *config)
{
	for (size_t i = 0; i < config->upstream_count; i++) {
		const struct config_upstream *upstream = &config->upstreams[i];

		if (upstream->password)
			fwrite(upstream->password, 1, upstream->password_len,
			       out);
		fprintf(out, "%" PRIu64 "\n", upstream->tls.print);
	}
}

/* Of whatever is set in `part`; false: no memory. */
static bool print_of(const struct config *part, uint64_t *print)
{
	char *text = NULL;
	size_t len = 0;
	FILE *out = open_memstream(&text, &len);

	if (!out)
		return false;
	config_print(part, out);
	add_secrets(out, part);

	bool is_whole = fclose(out) == 0;

	if (is_whole)
		*print = hash_slice(
		    &seed, (struct slice){ (const uint8_t *)text, len });
	if (text)
		explicit_bzero(text, len);
	free(text);
	return is_whole;
}

static bool print_of_route(const struct config *config, size_t index,
                           uint64_t *print)
{
	struct config_route *route = &config->routes[index];
	const struct config_upstream *upstream =
	    config_find_upstream(config, route);
	const struct config_acl *acl = config_find_acl(config, route);
	struct config part = { .routes = route, .route_count = 1 };

	if (upstream) {
		part.upstreams =
		    &config->upstreams[upstream - config->upstreams];
		part.upstream_count = 1;
	}
	if (acl) {
		part.acls = &config->acls[acl - config->acls];
		part.acl_count = 1;
	}
	return print_of(&part, print);
}

/* Certificates are changed in place, even for some in other files. */
static bool print_of_listener(const struct config *config, size_t index,
                              uint64_t *print)
{
	struct config_listener listener = config->listeners[index];
	struct config part = { .listeners = &listener, .listener_count = 1 };

	listener.tls.certificate.value = NULL;
	listener.tls.key.value = NULL;
	listener.tls.certificate_count = 0;
	listener.tls.client_ca.value = NULL;
	listener.tls.client_crl.value = NULL;
	return print_of(&part, print);
}

static bool print_of_all(const struct config *config, uint64_t *print)
{
	struct config part = *config;

	part.log = (struct config_log){ 0 };
	return print_of(&part, print);
}

bool fingerprint_init(struct fingerprint *print, const struct config *config)
{
	bool is_made = true;

	print->routes = calloc(config->route_count + 1, sizeof *print->routes);
	print->listeners =
	    calloc(config->listener_count + 1, sizeof *print->listeners);
	if (!print->routes || !print->listeners ||
	    !print_of_all(config, &print->whole))
		return false;
	for (size_t i = 0; i < config->route_count; i++)
		is_made =
		    is_made && print_of_route(config, i, &print->routes[i]);
	for (size_t i = 0; i < config->listener_count; i++)
		is_made = is_made &&
		          print_of_listener(config, i, &print->listeners[i]);
	return is_made;
}

void fingerprint_finish(struct fingerprint *print)
{
	free(print->routes);
	free(print->listeners);
	*print = (struct fingerprint){ 0 };
}

enum close_reason fingerprint_of_route(struct fingerprint_of before,
                                       size_t index,
                                       struct fingerprint_of after)
{
	const char *path = before.config->routes[index].path.value;

	for (size_t i = 0; i < after.config->route_count; i++) {
		if (strcmp(path, after.config->routes[i].path.value) == 0)
			return before.print->routes[index] ==
			               after.print->routes[i]
			           ? CLOSE_NONE
			           : CLOSE_RELOAD;
	}
	return CLOSE_POLICY_CHANGED;
}

static bool is_same_place(const struct config_listener *a,
                          const struct config_listener *b)
{
	if (a->unix_path.value || b->unix_path.value)
		return a->unix_path.value && b->unix_path.value &&
		       strcmp(a->unix_path.value, b->unix_path.value) == 0;
	return a->port == b->port &&
	       strcmp(a->address.value, b->address.value) == 0;
}

enum close_reason fingerprint_of_listener(struct fingerprint_of before,
                                          size_t index,
                                          struct fingerprint_of after)
{
	const struct config_listener *listener =
	    &before.config->listeners[index];

	for (size_t i = 0; i < after.config->listener_count; i++) {
		if (is_same_place(listener, &after.config->listeners[i]))
			return before.print->listeners[index] ==
			               after.print->listeners[i]
			           ? CLOSE_NONE
			           : CLOSE_RELOAD;
	}
	return CLOSE_POLICY_CHANGED;
}

static bool has_path(const struct config *config, const char *path)
{
	for (size_t i = 0; i < config->route_count; i++) {
		if (strcmp(path, config->routes[i].path.value) == 0)
			return true;
	}
	return false;
}

struct fingerprint_change fingerprint_compare(struct fingerprint_of before,
                                              struct fingerprint_of after)
{
	struct fingerprint_change change = { 0 };

	for (size_t i = 0; i < before.config->route_count; i++) {
		enum close_reason reason =
		    fingerprint_of_route(before, i, after);

		change.same += reason == CLOSE_NONE;
		change.changed += reason == CLOSE_RELOAD;
		change.gone += reason == CLOSE_POLICY_CHANGED;
	}
	for (size_t i = 0; i < after.config->route_count; i++)
		change.added += !has_path(before.config,
		                          after.config->routes[i].path.value);
	return change;
}
