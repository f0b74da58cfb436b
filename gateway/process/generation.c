/* SPDX-License-Identifier: Apache-2.0 */
#include "process/generation.h"

#include <signal.h>
#include <stdlib.h>
#include <sys/wait.h>

#include "base/log.h"
#include "process/cpus.h"
#include "process/enrolment.h"

#define FAILED_STARTS_MAX 3 /* before the first ready: not worth trying on */

static const struct slice nothing;

/* From the first to the last. */

static void on_word(void *owner, struct slot *slot,
                    const struct channel_message *message);

static void set_up(struct generation *generation)
{
	for (size_t i = 0; i < generation->slot_count; i++) {
		struct slot *slot = &generation->slots[i];

		slot->room = generation->room;
		slot->index = i;
		slot->on_word = on_word;
		slot->owner = generation;
		slot_init(slot);
	}
}

static size_t workers_of(const struct config *config)
{
	return config->workers > 0 ? config->workers : cpus_usable();
}

struct generation *generation_create(struct slot_room *room,
                                     struct sockets *sockets,
                                     struct snapshot *snapshot, unsigned number)
{
	size_t workers = workers_of(snapshot->config);
	struct generation *generation = calloc(
	    1, sizeof *generation + workers * sizeof generation->slots[0]);

	if (!generation) {
		log_error("no memory for workers", NULL);
		return NULL;
	}
	generation->room = room;
	generation->sockets = sockets;
	generation->number = number;
	generation->since = time(NULL);
	generation->slot_count = workers;
	set_up(generation);
	if (!sockets_open(sockets, &generation->set, snapshot->config,
	                  workers) ||
	    !enrolment_hold(room->shared, snapshot->config)) {
		sockets_release(sockets, &generation->set);
		free(generation);
		return NULL;
	}
	generation->snapshot = snapshot;
	return generation;
}

void generation_destroy(struct generation *generation)
{
	sockets_release(generation->sockets, &generation->set);
	enrolment_release(generation->room->shared,
	                  generation->snapshot->config);
	generation_free(generation);
}

void generation_free(struct generation *generation)
{
	snapshot_destroy(generation->snapshot);
	free(generation->set.list);
	free(generation);
}

bool generation_is_over(const struct generation *generation)
{
	for (size_t i = 0; i < generation->slot_count; i++) {
		if (generation->slots[i].pid != 0 ||
		    generation->slots[i].is_polled)
			return false;
	}
	return true;
}

/* Forking. */

/* The slot that is due first, of those that have nobody. */
static size_t next_due(const struct generation *generation)
{
	const struct slot *slots = generation->slots;
	size_t next = 0;

	for (size_t i = 1; i < generation->slot_count; i++) {
		if (slot_due_in_ms(&slots[i]) < slot_due_in_ms(&slots[next]))
			next = i;
	}
	return next;
}

uint64_t generation_fork_in_ms(const struct generation *generation)
{
	if (generation->state != GENERATION_STARTING &&
	    generation->state != GENERATION_SERVING)
		return SLOT_NEVER;
	return slot_due_in_ms(&generation->slots[next_due(generation)]);
}

static void note_failed_start(struct generation *generation,
                              const struct slot *slot)
{
	if (generation->state == GENERATION_STARTING &&
	    slot->early_deaths >= FAILED_STARTS_MAX)
		generation->state = GENERATION_FAILED;
}

bool generation_fork(struct generation *generation, struct worker_setup *setup)
{
	struct slot *slot = &generation->slots[next_due(generation)];
	int channel = slot_fork(slot);

	if (channel < 0) {
		note_failed_start(generation, slot);
		return false;
	}
	*setup = (struct worker_setup){
		.snapshot = generation->snapshot,
		.set = &generation->set,
		.shared = generation->room->shared,
		.archive = generation->room->archive,
		.slot = slot->index,
		.row = slot->row,
		.number = slot->number,
		.channel = channel,
	};
	return true;
}

void generation_forget(struct generation *generation)
{
	for (size_t i = 0; i < generation->slot_count; i++)
		slot_forget(&generation->slots[i]);
}

/* Words of the workers. */

static bool are_all_ready(const struct generation *generation)
{
	for (size_t i = 0; i < generation->slot_count; i++) {
		if (!generation->slots[i].is_ready)
			return false;
	}
	return true;
}

/* At the start all go together; a replacement goes when it is ready. */
static void on_ready(struct generation *generation, struct slot *slot)
{
	slot->is_ready = true;
	if (generation->state == GENERATION_SERVING) {
		slot_say(slot, CHANNEL_GO, nothing);
		return;
	}
	if (generation->state != GENERATION_STARTING ||
	    !are_all_ready(generation))
		return;
	if (!sockets_listen(&generation->set)) {
		generation->state = GENERATION_FAILED;
		return;
	}
	generation->state = GENERATION_SERVING;
	generation_say(generation, CHANNEL_GO, nothing);
}

static void on_prepared(struct slot *slot, bool is_able)
{
	slot->done++;
	slot->is_unable = slot->is_unable || !is_able;
}

static void on_word(void *owner, struct slot *slot,
                    const struct channel_message *message)
{
	struct generation *generation = owner;
	enum channel_word word = message->word;

	if (word == CHANNEL_READY)
		on_ready(generation, slot);
	else if (word == CHANNEL_PREPARED || word == CHANNEL_UNABLE)
		on_prepared(slot, word == CHANNEL_PREPARED);
	else
		generation->room->on_told(generation->room->owner, message);
}

/* Deaths. */

static bool is_expected(const struct generation *generation, int status)
{
	bool has_ended_well = WIFEXITED(status) && WEXITSTATUS(status) == 0;

	return generation->state == GENERATION_DRAINING ||
	       (generation->state == GENERATION_RETIRED && has_ended_well);
}

bool generation_reap(struct generation *generation, pid_t pid, int status)
{
	for (size_t i = 0; i < generation->slot_count; i++) {
		struct slot *slot = &generation->slots[i];

		if (slot->pid != pid)
			continue;
		slot_bury(slot, status, is_expected(generation, status));
		note_failed_start(generation, slot);
		return true;
	}
	return false;
}

void generation_look(struct generation *generation)
{
	for (size_t i = 0; i < generation->slot_count; i++)
		slot_look(&generation->slots[i]);
}

/* Orders. */

size_t generation_say(struct generation *generation, enum channel_word word,
                      struct slice body)
{
	size_t heard = 0;

	for (size_t i = 0; i < generation->slot_count; i++)
		heard += slot_say(&generation->slots[i], word, body);
	return heard;
}

void generation_retire(struct generation *generation,
                       const struct dismissal *dismissal)
{
	uint8_t body[CHANNEL_BODY_BYTES];
	size_t len = dismissal_write(dismissal, body, sizeof body);

	generation->state = GENERATION_RETIRED;
	generation_say(generation, CHANNEL_RETIRE, (struct slice){ body, len });
	sockets_release(generation->sockets, &generation->set);
}

void generation_drain(struct generation *generation)
{
	generation->state = GENERATION_DRAINING;
	generation_say(generation, CHANNEL_DRAIN, nothing);
}

void generation_kill(struct generation *generation)
{
	generation->state = GENERATION_DRAINING;
	for (size_t i = 0; i < generation->slot_count; i++)
		slot_kill(&generation->slots[i], SIGKILL);
}

/* Certificates. */

void generation_renew(struct generation *generation,
                      const struct channel_renewal *renewal)
{
	const struct slice body = { (const uint8_t *)renewal, sizeof *renewal };

	generation->renewals++;
	for (size_t i = 0; i < generation->slot_count; i++) {
		if (slot_say(&generation->slots[i], CHANNEL_PREPARE, body))
			generation->slots[i].asked++;
	}
}

/*
 * Who was not there to be asked has what the master had when it forked. All
 * are heard to the end: an answer must not be taken for one of the next round.
 */
enum generation_renewal
generation_renewal_state(const struct generation *generation)
{
	bool is_waiting = false;
	bool is_unable = false;

	for (size_t i = 0; i < generation->slot_count; i++) {
		const struct slot *slot = &generation->slots[i];

		if (slot->pid == 0)
			continue;
		is_unable = is_unable || slot->is_unable ||
		            slot->asked < generation->renewals;
		is_waiting = is_waiting || slot->done < slot->asked;
	}
	if (is_waiting)
		return GENERATION_WAITING;
	return is_unable ? GENERATION_UNABLE : GENERATION_PREPARED;
}

void generation_end_renewal(struct generation *generation, bool is_adopted)
{
	generation_say(generation, is_adopted ? CHANNEL_ADOPT : CHANNEL_FORGET,
	               nothing);
	generation->renewals = 0;
	for (size_t i = 0; i < generation->slot_count; i++) {
		generation->slots[i].asked = 0;
		generation->slots[i].done = 0;
		generation->slots[i].is_unable = false;
	}
}

/* How they are. */

size_t generation_alive(const struct generation *generation)
{
	size_t alive = 0;

	for (size_t i = 0; i < generation->slot_count; i++)
		alive += generation->slots[i].pid != 0;
	return alive;
}

uint64_t generation_sum(const struct generation *generation,
                        enum shared_gauge gauge)
{
	uint64_t sum = 0;

	for (size_t i = 0; i < generation->slot_count; i++) {
		const struct slot *slot = &generation->slots[i];

		if (slot->pid != 0)
			sum += shared_get(
			    shared_row(slot->room->shared, slot->row), gauge);
	}
	return sum;
}
