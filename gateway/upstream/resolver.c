/* SPDX-License-Identifier: Apache-2.0 */
#include "upstream/resolver.h"

#include <assert.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct lookup {
	struct lookup *next; /* asker of the same name */
	struct query *query;
	lookup_done *done;
	void *owner;
};

/* One call of getaddrinfo under way. */
struct query {
	struct query *next;
	struct resolver *resolver; /* NULL: it went away meanwhile */
	uv_getaddrinfo_t request;
	char *host;
	uint16_t port;
	struct lookup *askers;
};

struct resolver {
	uv_loop_t *loop;
	struct query *queries; /* those that may still be joined */
	size_t running;
};

struct resolver *resolver_create(uv_loop_t *loop)
{
	struct resolver *resolver = calloc(1, sizeof *resolver);

	if (resolver)
		resolver->loop = loop;
	return resolver;
}

void resolver_destroy(struct resolver *resolver)
{
	if (!resolver)
		return;
	for (struct query *q = resolver->queries; q; q = q->next) {
		assert(!q->askers);
		q->resolver = NULL;
		uv_cancel((uv_req_t *)&q->request);
	}
	free(resolver);
}

static void unlink_query(struct query *query)
{
	if (!query->resolver)
		return;
	for (struct query **at = &query->resolver->queries; *at;
	     at = &(*at)->next) {
		if (*at == query) {
			*at = query->next;
			return;
		}
	}
}

static void on_answer(uv_getaddrinfo_t *request, int status,
                      struct addrinfo *found)
{
	struct query *query = request->data;
	const char *why = status == 0 ? NULL : uv_strerror(status);

	unlink_query(query);
	if (query->resolver)
		query->resolver->running--;
	while (query->askers) {
		struct lookup *asker = query->askers;

		query->askers = asker->next;
		asker->done(asker->owner, status == 0 ? found : NULL, why);
		free(asker);
	}
	uv_freeaddrinfo(found);
	free(query->host);
	free(query);
}

static struct query *find_query(struct resolver *resolver, const char *host,
                                uint16_t port)
{
	struct query *q = resolver->queries;

	while (q && (q->port != port || strcmp(q->host, host) != 0))
		q = q->next;
	return q;
}

static bool start(struct query *query)
{
	struct addrinfo hints = { .ai_family = AF_UNSPEC,
		                  .ai_socktype = SOCK_STREAM };
	char service[8];

	snprintf(service, sizeof service, "%u", (unsigned)query->port);
	query->request.data = query;
	return uv_getaddrinfo(query->resolver->loop, &query->request, on_answer,
	                      query->host, service, &hints) == 0;
}

static struct query *open_query(struct resolver *resolver, const char *host,
                                uint16_t port)
{
	struct query *query = calloc(1, sizeof *query);

	if (!query)
		return NULL;
	query->resolver = resolver;
	query->host = strdup(host);
	query->port = port;
	if (!query->host || !start(query)) {
		free(query->host);
		free(query);
		return NULL;
	}
	resolver->running++;
	query->next = resolver->queries;
	resolver->queries = query;
	return query;
}

struct lookup *resolver_find(struct resolver *resolver, const char *host,
                             uint16_t port, lookup_done *done, void *owner)
{
	struct lookup *lookup = calloc(1, sizeof *lookup);

	if (!lookup)
		return NULL;
	lookup->query = find_query(resolver, host, port);
	if (!lookup->query)
		lookup->query = open_query(resolver, host, port);
	if (!lookup->query) {
		free(lookup);
		return NULL;
	}
	lookup->done = done;
	lookup->owner = owner;
	lookup->next = lookup->query->askers;
	lookup->query->askers = lookup;
	return lookup;
}

bool resolver_is_busy(const struct resolver *resolver)
{
	return resolver->running > 0;
}

/* One that has not begun is not begun for nobody. */
static void abandon(struct query *query)
{
	if (uv_cancel((uv_req_t *)&query->request) == 0)
		unlink_query(query);
}

void lookup_cancel(struct lookup *lookup)
{
	struct query *query = lookup->query;
	struct lookup **at = &query->askers;

	while (*at != lookup)
		at = &(*at)->next;
	*at = lookup->next;
	free(lookup);
	if (!query->askers)
		abandon(query);
}
