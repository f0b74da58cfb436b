/* SPDX-License-Identifier: Apache-2.0 */
#include "session/dismissal.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

bool dismissal_init(struct dismissal *dismissal, size_t routes,
                    size_t listeners)
{
	*dismissal =
	    (struct dismissal){ .routes = routes, .listeners = listeners };
	dismissal->reasons = calloc(routes + listeners + 1, 1);
	return dismissal->reasons != NULL;
}

void dismissal_finish(struct dismissal *dismissal)
{
	free(dismissal->reasons);
	*dismissal = (struct dismissal){ 0 };
}

void dismissal_set_route(struct dismissal *dismissal, size_t route,
                         enum close_reason reason)
{
	assert(route < dismissal->routes);
	dismissal->reasons[route] = (uint8_t)reason;
}

void dismissal_set_listener(struct dismissal *dismissal, size_t listener,
                            enum close_reason reason)
{
	assert(listener < dismissal->listeners);
	dismissal->reasons[dismissal->routes + listener] = (uint8_t)reason;
}

/* What is gone for good says more than what has changed. */
static enum close_reason graver(enum close_reason a, enum close_reason b)
{
	if (a == CLOSE_POLICY_CHANGED || b == CLOSE_NONE)
		return a;
	return b;
}

enum close_reason dismissal_reason(const struct dismissal *dismissal,
                                   size_t route, size_t listener)
{
	if (route >= dismissal->routes || listener >= dismissal->listeners)
		return CLOSE_NONE;
	return graver((enum close_reason)dismissal->reasons[route],
	              (enum close_reason)
	                  dismissal->reasons[dismissal->routes + listener]);
}

static size_t reasons_len(const struct dismissal *dismissal)
{
	return dismissal->routes + dismissal->listeners;
}

size_t dismissal_write(const struct dismissal *dismissal, uint8_t *out,
                       size_t size)
{
	size_t len = sizeof dismissal->spread_ms + reasons_len(dismissal);

	if (size < len)
		return 0;
	memcpy(out, &dismissal->spread_ms, sizeof dismissal->spread_ms);
	memcpy(out + sizeof dismissal->spread_ms, dismissal->reasons,
	       reasons_len(dismissal));
	return len;
}

bool dismissal_read(struct dismissal *dismissal, struct slice in)
{
	if (in.len != sizeof dismissal->spread_ms + reasons_len(dismissal))
		return false;
	memcpy(&dismissal->spread_ms, in.data, sizeof dismissal->spread_ms);
	memcpy(dismissal->reasons, in.data + sizeof dismissal->spread_ms,
	       reasons_len(dismissal));
	return true;
}
