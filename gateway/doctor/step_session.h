/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What the two dialects report alike.
 */
#pragma once

#include <stdbool.h>

#define STEP_CONNECT "connect"
#define STEP_SUBSCRIBE "subscribe"
#define STEP_PUBLISH "publish"
#define STEP_TRIP "round-trip"
#define STEP_GOODBYE "goodbye"

struct trips;
struct visit;

/* `reason` is what the refusal said, quoted or in our own words. */
void step_tell_no_subscribe(struct visit *visit, const char *reason);
void step_tell_no_publish(struct visit *visit, const char *reason);

/* The message was acknowledged and did not come back. */
void step_tell_lost(struct visit *visit);

void step_tell_trips(const struct trips *trips);

/* Ends the WebSocket and reports. */
void step_goodbye(struct visit *visit);
