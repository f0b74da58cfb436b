/* SPDX-License-Identifier: Apache-2.0 */
#include "process/succession.h"

#include <inttypes.h>

#include "base/log.h"

bool succession_begin(struct succession *succession, struct snapshot *snapshot)
{
	succession->coming =
	    generation_create(&succession->room, &succession->sockets, snapshot,
	                      succession->last_number + 1);
	if (!succession->coming)
		return false;
	succession->last_number++;
	return true;
}

/* Each of them, whatever it does. */

typedef void each(struct generation *generation);

static void for_each(struct succession *succession, each *visit)
{
	if (succession->coming)
		visit(succession->coming);
	if (succession->current)
		visit(succession->current);
	for (struct generation *g = succession->old; g; g = g->next)
		visit(g);
}

/* One after the other. */

static struct fingerprint_of print_of(const struct generation *generation)
{
	const struct snapshot *snapshot = generation->snapshot;

	return (struct fingerprint_of){ snapshot->config, &snapshot->print };
}

static bool compare(const struct generation *before,
                    const struct generation *after, struct dismissal *dismissal)
{
	const struct config *config = before->snapshot->config;

	if (!dismissal_init(dismissal, config->route_count,
	                    config->listener_count))
		return false;
	dismissal->spread_ms = config->drain.spread_s * UINT32_C(1000);
	for (size_t i = 0; i < config->route_count; i++)
		dismissal_set_route(
		    dismissal, i,
		    fingerprint_of_route(print_of(before), i, print_of(after)));
	for (size_t i = 0; i < config->listener_count; i++)
		dismissal_set_listener(
		    dismissal, i,
		    fingerprint_of_listener(print_of(before), i,
		                            print_of(after)));
	return true;
}

/* Without memory nobody stays whom the new rules might not let in. */
static void retire(struct generation *generation,
                   const struct generation *after)
{
	struct dismissal dismissal;

	if (!compare(generation, after, &dismissal)) {
		generation_drain(generation);
		return;
	}
	generation_retire(generation, &dismissal);
	dismissal_finish(&dismissal);
}

static void push_old(struct succession *succession,
                     struct generation *generation)
{
	generation->next = succession->old;
	succession->old = generation;
}

static void take_over(struct succession *succession)
{
	if (succession->current)
		push_old(succession, succession->current);
	succession->current = succession->coming;
	succession->coming = NULL;
	for (struct generation *g = succession->old; g; g = g->next) {
		if (g->state == GENERATION_SERVING ||
		    g->state == GENERATION_RETIRED)
			retire(g, succession->current);
	}
}

static void give_up(struct succession *succession)
{
	generation_kill(succession->coming);
	push_old(succession, succession->coming);
	succession->coming = NULL;
}

static void bury(struct succession *succession)
{
	struct generation **at = &succession->old;

	while (*at) {
		struct generation *generation = *at;

		if (!generation_is_over(generation)) {
			at = &generation->next;
			continue;
		}
		*at = generation->next;
		generation_destroy(generation);
	}
}

enum succession_step succession_step(struct succession *succession)
{
	const struct generation *coming = succession->coming;

	bury(succession);
	if (!coming || succession->is_ending)
		return SUCCESSION_NOTHING;
	if (coming->state == GENERATION_SERVING) {
		take_over(succession);
		return SUCCESSION_DONE;
	}
	if (coming->state == GENERATION_FAILED) {
		give_up(succession);
		return SUCCESSION_FAILED;
	}
	return SUCCESSION_NOTHING;
}

/* Old ones, each second. */

static bool keeps_sessions(const struct generation *generation)
{
	return generation->state == GENERATION_RETIRED &&
	       !generation->is_ending &&
	       generation_sum(generation, SHARED_STAYING) > 0;
}

static void end_all_sessions(struct generation *generation, uint32_t grace_s)
{
	const struct config *config = generation->snapshot->config;
	struct dismissal dismissal;

	if (!dismissal_init(&dismissal, config->route_count,
	                    config->listener_count))
		return;
	dismissal.spread_ms = grace_s * UINT32_C(1000);
	for (size_t i = 0; i < config->route_count; i++)
		dismissal_set_route(&dismissal, i, CLOSE_RELOAD);
	generation_retire(generation, &dismissal);
	generation->is_ending = true;
	log_info("the oldest workers end: too many configurations live",
	         LOG_FIELDS(log_number("generation", generation->number),
	                    log_number("seconds", grace_s)));
	dismissal_finish(&dismissal);
}

static void end_oldest(struct succession *succession)
{
	const struct config_drain *drain =
	    &succession->current->snapshot->config->drain;
	struct generation *oldest = NULL;
	size_t count = 0;

	for (struct generation *g = succession->old; g; g = g->next) {
		if (!keeps_sessions(g))
			continue;
		oldest = g;
		count++;
	}
	if (count > drain->generations)
		end_all_sessions(oldest, drain->reload_grace_s);
}

void succession_look(struct succession *succession)
{
	for_each(succession, generation_look);
	if (succession->current && !succession->is_ending)
		end_oldest(succession);
}

/* Processes. */

uint64_t succession_fork_in_ms(const struct succession *succession)
{
	uint64_t coming = succession->coming
	                      ? generation_fork_in_ms(succession->coming)
	                      : SLOT_NEVER;
	uint64_t current = succession->current
	                       ? generation_fork_in_ms(succession->current)
	                       : SLOT_NEVER;

	if (succession->is_ending)
		return SLOT_NEVER;
	return coming < current ? coming : current;
}

bool succession_fork(struct succession *succession, struct worker_setup *setup)
{
	bool is_current = succession->current &&
	                  generation_fork_in_ms(succession->current) == 0;

	return generation_fork(
	    is_current ? succession->current : succession->coming, setup);
}

void succession_reap(struct succession *succession, pid_t pid, int status)
{
	if (succession->coming &&
	    generation_reap(succession->coming, pid, status))
		return;
	if (succession->current &&
	    generation_reap(succession->current, pid, status))
		return;
	for (struct generation *g = succession->old; g; g = g->next) {
		if (generation_reap(g, pid, status))
			return;
	}
}

size_t succession_say(struct succession *succession, enum channel_word word,
                      struct slice body)
{
	size_t heard = 0;

	if (succession->coming)
		heard += generation_say(succession->coming, word, body);
	if (succession->current)
		heard += generation_say(succession->current, word, body);
	for (struct generation *g = succession->old; g; g = g->next)
		heard += generation_say(g, word, body);
	return heard;
}

/* The end. */

void succession_drain(struct succession *succession)
{
	const struct generation *serving =
	    succession->current ? succession->current : succession->coming;

	succession->is_ending = true;
	if (serving)
		sockets_refuse(&succession->sockets, &serving->set);
	for_each(succession, generation_drain);
}

void succession_kill(struct succession *succession)
{
	succession->is_ending = true;
	for_each(succession, generation_kill);
}

bool succession_is_over(const struct succession *succession)
{
	return !succession->old &&
	       (!succession->coming ||
	        generation_is_over(succession->coming)) &&
	       (!succession->current ||
	        generation_is_over(succession->current));
}

void succession_forget(struct succession *succession)
{
	for_each(succession, generation_forget);
}

void succession_free(struct succession *succession)
{
	if (succession->coming)
		generation_free(succession->coming);
	if (succession->current)
		generation_free(succession->current);
	while (succession->old) {
		struct generation *generation = succession->old;

		succession->old = generation->next;
		generation_free(generation);
	}
}
