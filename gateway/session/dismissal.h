/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Who has to go when another configuration has taken over: a reason for each
 * route and each listener of the old one, and the time over which the ends
 * are spread. The master writes it, a worker reads it.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/attribute.h"
#include "base/close.h"
#include "base/slice.h"

struct dismissal {
	uint32_t spread_ms;
	size_t routes;
	size_t listeners;
	uint8_t *reasons; /* enum close_reason: routes, then listeners; owned */
};

/* With CLOSE_NONE for everybody; false: no memory. */
bool dismissal_init(struct dismissal *dismissal, size_t routes,
                    size_t listeners) MUST_CHECK;
void dismissal_finish(struct dismissal *dismissal);

void dismissal_set_route(struct dismissal *dismissal, size_t route,
                         enum close_reason reason);
void dismissal_set_listener(struct dismissal *dismissal, size_t listener,
                            enum close_reason reason);

/* The reason of a session there; of one not initialised, CLOSE_NONE. */
enum close_reason dismissal_reason(const struct dismissal *dismissal,
                                   size_t route, size_t listener);

/* Gives what was written, 0 when `size` is too small. */
size_t dismissal_write(const struct dismissal *dismissal, uint8_t *out,
                       size_t size);

/* Into one that is initialised; false: it is of another shape. */
bool dismissal_read(struct dismissal *dismissal, struct slice in) MUST_CHECK;
