/* SPDX-License-Identifier: Apache-2.0 */
#include "process/certificates.h"

#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/log.h"
#include "tls/files.h"

#define LOOK_MS 10000
#define SETTLED_MS 1000 /* since when a file must not have changed */

static void on_look(uv_timer_t *timer)
{
	(void)timer; /* it is the step's business, when the loop has turned */
}

static void look_in(struct certificates *certificates, uint64_t ms)
{
	uv_timer_start(&certificates->look, on_look, ms, 0);
}

void certificates_open(struct certificates *certificates, uv_loop_t *loop)
{
	uv_timer_init(loop, &certificates->look);
	look_in(certificates, LOOK_MS);
}

static uint64_t now_s(void)
{
	return (uint64_t)time(NULL);
}

static void forget(struct certificates *certificates)
{
	for (size_t i = 0; i < certificates->count; i++)
		tls_listener_destroy(certificates->next[i]);
	free(certificates->next);
	free(certificates->refused);
	certificates->next = NULL;
	certificates->refused = NULL;
	certificates->count = 0;
	certificates->generation = 0;
	certificates->is_under_way = false;
}

void certificates_finish(struct certificates *certificates)
{
	forget(certificates);
}

void certificates_ask(struct certificates *certificates)
{
	certificates->is_asked = true;
	look_in(certificates, 0);
}

/* The files of the generation that serves now. */

static bool follow(struct certificates *certificates)
{
	const struct generation *current = certificates->succession->current;

	if (certificates->generation == current->number)
		return true;
	forget(certificates);

	size_t count = current->snapshot->config->listener_count;

	certificates->next = calloc(count + 1, sizeof *certificates->next);
	certificates->refused =
	    calloc(count + 1, sizeof *certificates->refused);
	if (!certificates->next || !certificates->refused) {
		forget(certificates);
		return false;
	}
	certificates->count = count;
	certificates->generation = current->number;
	notices_begin(&certificates->notices, current, now_s());
	return true;
}

static struct snapshot *current_of(const struct certificates *certificates)
{
	return certificates->succession->current->snapshot;
}

static const struct config_listener_tls *
config_of(const struct certificates *certificates, size_t listener)
{
	return &current_of(certificates)->config->listeners[listener].tls;
}

static struct tls_listener **shown(const struct certificates *certificates,
                                   size_t listener)
{
	return &current_of(certificates)->tls[listener];
}

static struct tls_stamps now(const struct certificates *certificates,
                             size_t listener)
{
	return tls_files_stamps(config_of(certificates, listener));
}

static bool is_new(const struct certificates *certificates, size_t listener)
{
	const struct tls_listener *tls = *shown(certificates, listener);

	if (!tls)
		return false;
	struct tls_stamps stamps = now(certificates, listener);
	struct tls_stamps read = tls_listener_stamps(tls);

	return !tls_stamps_are(&stamps, &read) &&
	       (certificates->is_asked ||
	        !tls_stamps_are(&stamps, &certificates->refused[listener]));
}

static bool is_settled(const struct certificates *certificates, size_t listener)
{
	return !tls_files_are_younger(config_of(certificates, listener),
	                              SETTLED_MS);
}

/* Reading them. */

static void log_problems(const struct problems *problems, const char *event)
{
	for (size_t i = 0; i < problems->count; i++) {
		const struct problem *problem = &problems->list[i];
		char place[PROBLEM_PLACE_BYTES];

		problem_place(problem->place, place, sizeof place);
		log_warning(event, LOG_FIELDS(log_text("why", problem->text),
		                              log_text("at", place)));
	}
}

/* Touched only: nobody needs to know. */
static void keep_shown(struct certificates *certificates, size_t listener,
                       struct tls_listener *renewed)
{
	tls_listener_destroy(*shown(certificates, listener));
	*shown(certificates, listener) = renewed;
}

/* Of authorities and lists; who asks was told, and ends have their notices. */
static void log_doubts(const struct certificates *certificates, size_t listener,
                       const struct tls_listener *renewed,
                       const struct problems *problems)
{
	if (!certificates->is_asked &&
	    tls_listener_demands(renewed) !=
	        tls_listener_demands(*shown(certificates, listener)))
		log_problems(problems, "certificate in doubt");
}

static bool read_files(struct certificates *certificates, size_t listener)
{
	struct tls_stamps stamps = now(certificates, listener);
	struct problems problems;

	problems_init(&problems);
	struct tls_listener *renewed =
	    tls_listener_create(config_of(certificates, listener), &problems);

	if (!renewed) {
		log_problems(&problems, "certificate not changed");
		certificates->refused[listener] = stamps;
	} else if (tls_listener_print(renewed) ==
	           tls_listener_print(*shown(certificates, listener))) {
		keep_shown(certificates, listener, renewed);
	} else {
		log_doubts(certificates, listener, renewed, &problems);
		certificates->next[listener] = renewed;
	}
	problems_finish(&problems);
	return renewed != NULL;
}

/* Showing them. */

static void ask_workers(struct certificates *certificates)
{
	for (size_t i = 0; i < certificates->count; i++) {
		if (!certificates->next[i])
			continue;
		struct channel_renewal renewal = {
			.listener = (uint32_t)i,
			.print = tls_listener_print(certificates->next[i]),
		};

		certificates->is_under_way = true;
		generation_renew(certificates->succession->current, &renewal);
	}
}

static void log_change(const struct certificates *certificates, size_t listener)
{
	log_info(
	    "certificate changed",
	    LOG_FIELDS(
	        log_text("certificate",
	                 config_of(certificates, listener)->certificate.value),
	        log_number("not_after",
	                   tls_listener_expiry(certificates->next[listener]))));
}

static void end(struct certificates *certificates, bool is_adopted)
{
	for (size_t i = 0; i < certificates->count; i++) {
		struct tls_listener *next = certificates->next[i];

		if (next && is_adopted) {
			log_change(certificates, i);
			keep_shown(certificates, i, next);
			notices_change(&certificates->notices,
			               certificates->succession->current, i,
			               certificates->is_asked, now_s());
		} else {
			tls_listener_destroy(next);
		}
		certificates->next[i] = NULL;
	}
	certificates->is_under_way = false;
	certificates->is_asked = false;
}

static enum certificates_step finish(struct certificates *certificates,
                                     enum certificates_step step)
{
	end(certificates, step == CERTIFICATES_CHANGED);
	look_in(certificates, LOOK_MS);
	return step;
}

static enum certificates_step go_on(struct certificates *certificates)
{
	struct generation *generation = certificates->succession->current;
	enum generation_renewal state = generation_renewal_state(generation);

	if (state == GENERATION_WAITING)
		return CERTIFICATES_NOTHING;
	generation_end_renewal(generation, state == GENERATION_PREPARED);
	return finish(certificates, state == GENERATION_PREPARED
	                                ? CERTIFICATES_CHANGED
	                                : CERTIFICATES_FAILED);
}

static bool is_any_unsettled(const struct certificates *certificates)
{
	for (size_t i = 0; i < certificates->count; i++) {
		if (is_new(certificates, i) && !is_settled(certificates, i))
			return true;
	}
	return false;
}

/* All that are new are good, or nothing changes. */
static enum certificates_step look(struct certificates *certificates)
{
	bool are_good = true;

	notices_look(&certificates->notices, certificates->succession->current,
	             now_s());
	if (is_any_unsettled(certificates)) {
		look_in(certificates, SETTLED_MS);
		return CERTIFICATES_NOTHING;
	}
	for (size_t i = 0; i < certificates->count; i++) {
		if (is_new(certificates, i))
			are_good = read_files(certificates, i) && are_good;
	}
	if (!are_good)
		return finish(certificates, CERTIFICATES_FAILED);
	ask_workers(certificates);
	return certificates->is_under_way
	           ? CERTIFICATES_NOTHING
	           : finish(certificates, CERTIFICATES_SAME);
}

enum certificates_step certificates_step(struct certificates *certificates)
{
	const struct succession *succession = certificates->succession;

	if (!succession->current || succession->coming || succession->is_ending)
		return CERTIFICATES_NOTHING;
	if (!follow(certificates))
		return CERTIFICATES_NOTHING;
	if (certificates->is_under_way)
		return go_on(certificates);
	if (uv_is_active((uv_handle_t *)&certificates->look))
		return CERTIFICATES_NOTHING;
	return look(certificates);
}
