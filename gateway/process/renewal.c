/* SPDX-License-Identifier: Apache-2.0 */
#include "process/renewal.h"

#include <stdlib.h>

#include "base/log.h"

bool renewal_init(struct renewal *renewal, const struct snapshot *snapshot,
                  struct server *server, const size_t *listeners,
                  size_t socket_count)
{
	size_t count = snapshot->config->listener_count + 1;

	*renewal = (struct renewal){ .snapshot = snapshot,
		                     .server = server,
		                     .listeners = listeners,
		                     .socket_count = socket_count };
	renewal->shown = calloc(count, sizeof *renewal->shown);
	renewal->next = calloc(count, sizeof *renewal->next);
	return renewal->shown && renewal->next;
}

void renewal_finish(struct renewal *renewal)
{
	size_t count =
	    renewal->snapshot ? renewal->snapshot->config->listener_count : 0;

	for (size_t i = 0; i < count; i++) {
		if (renewal->shown)
			tls_listener_destroy(renewal->shown[i]);
		if (renewal->next)
			tls_listener_destroy(renewal->next[i]);
	}
	free(renewal->shown);
	free(renewal->next);
}

static struct tls_listener *read_files(const struct renewal *renewal,
                                       size_t listener)
{
	const struct snapshot *snapshot = renewal->snapshot;
	struct problems problems;

	problems_init(&problems);
	struct tls_listener *renewed = tls_listener_create(
	    &snapshot->config->listeners[listener].tls, &problems);

	problems_finish(&problems);
	return renewed;
}

static bool prepare_sockets(struct renewal *renewal, size_t listener)
{
	for (size_t i = 0; i < renewal->socket_count; i++) {
		if (renewal->listeners[i] == listener &&
		    !server_prepare_tls(renewal->server, i,
		                        renewal->next[listener]))
			return false;
	}
	return true;
}

bool renewal_prepare(struct renewal *renewal,
                     const struct channel_renewal *asked)
{
	size_t listener = asked->listener;

	if (listener >= renewal->snapshot->config->listener_count ||
	    !renewal->snapshot->tls[listener])
		return false;
	tls_listener_destroy(renewal->next[listener]);
	renewal->next[listener] = read_files(renewal, listener);
	if (renewal->next[listener] &&
	    tls_listener_print(renewal->next[listener]) == asked->print)
		return prepare_sockets(renewal, listener);
	log_warning("certificate changed while it was read", NULL);
	return false;
}

static void end_of_sockets(struct renewal *renewal, bool is_adopted)
{
	for (size_t i = 0; i < renewal->socket_count; i++) {
		if (is_adopted)
			server_adopt_tls(renewal->server, i);
		else
			server_forget_tls(renewal->server, i);
	}
}

static void keep(struct renewal *renewal, size_t listener, bool is_adopted)
{
	struct tls_listener *next = renewal->next[listener];

	renewal->next[listener] = NULL;
	if (is_adopted) {
		tls_listener_destroy(renewal->shown[listener]);
		renewal->shown[listener] = next;
	} else {
		tls_listener_destroy(next);
	}
}

void renewal_end(struct renewal *renewal, bool is_adopted)
{
	end_of_sockets(renewal, is_adopted);
	for (size_t i = 0; i < renewal->snapshot->config->listener_count; i++) {
		if (renewal->next[i])
			keep(renewal, i, is_adopted);
	}
}

const struct tls_listener *renewal_shown(const struct renewal *renewal,
                                         size_t listener)
{
	return renewal->shown[listener] ? renewal->shown[listener]
	                                : renewal->snapshot->tls[listener];
}
