/* SPDX-License-Identifier: Apache-2.0 */
#include "admin/report.h"

#include <stdlib.h>
#include <unistd.h>

#include "base/record.h"
#include "control/status.h"
#include "tls/facts.h"

#define MS UINT64_C(1000)

/* What status_text borrows. */
struct lists {
	struct status_generation *generations;
	struct status_listener *listeners;
	struct status_certificate *certificates; /* of all listeners, */
	struct tls_facts *facts;                 /* and where they borrow */
	size_t generation_count;
	size_t listener_count;
	size_t certificate_count;
};

static enum status_role role_of(const struct succession *succession,
                                const struct generation *generation)
{
	if (generation == succession->current)
		return STATUS_CURRENT;
	if (generation == succession->coming)
		return STATUS_NEXT;
	return generation->state == GENERATION_RETIRED && !generation->is_ending
	           ? STATUS_KEEPING
	           : STATUS_ENDING;
}

static void add_generation(struct lists *lists,
                           const struct succession *succession,
                           const struct generation *generation)
{
	lists->generations[lists->generation_count++] =
	    (struct status_generation){
		    .number = generation->number,
		    .since_ms = (uint64_t)generation->since * MS,
		    .workers = generation_alive(generation),
		    .sessions = generation_sum(generation, SHARED_SESSIONS),
		    .role = role_of(succession, generation),
	    };
}

static size_t count_generations(const struct succession *succession)
{
	size_t count = 2; /* the current one and the next */

	for (const struct generation *g = succession->old; g; g = g->next)
		count++;
	return count;
}

/* The list of the old ones begins with the newest. */
static bool list_generations(struct lists *lists,
                             const struct succession *succession)
{
	size_t count = count_generations(succession);

	lists->generations = calloc(count, sizeof *lists->generations);
	if (!lists->generations)
		return false;
	for (size_t i = count - 2; i > 0; i--) {
		const struct generation *g = succession->old;

		for (size_t k = 1; k < i; k++)
			g = g->next;
		add_generation(lists, succession, g);
	}
	add_generation(lists, succession, succession->current);
	if (succession->coming)
		add_generation(lists, succession, succession->coming);
	return true;
}

static void add_certificate(struct lists *lists, struct tls_facts facts)
{
	struct tls_facts *kept = &lists->facts[lists->certificate_count];

	*kept = facts;
	lists->certificates[lists->certificate_count++] =
	    (struct status_certificate){ kept->names, kept->end_s * MS };
}

static void add_listener(struct lists *lists,
                         const struct generation *generation, size_t index)
{
	const struct snapshot *snapshot = generation->snapshot;
	const struct tls_listener *tls = snapshot->tls[index];
	struct status_listener *listener = &lists->listeners[index];

	/* While it drains the sockets are closed, but not forgotten. */
	listener->name = generation->set.list[index]->name;
	listener->config = &snapshot->config->listeners[index];
	listener->certificates = lists->certificates + lists->certificate_count;
	listener->certificate_count = tls ? tls_listener_count(tls) : 0;
	for (size_t i = 0; i < listener->certificate_count; i++)
		add_certificate(lists, tls_listener_facts(tls, i));
}

static size_t count_certificates(const struct snapshot *snapshot)
{
	size_t count = 0;

	for (size_t i = 0; i < snapshot->config->listener_count; i++) {
		if (snapshot->tls[i])
			count += tls_listener_count(snapshot->tls[i]);
	}
	return count;
}

static bool list_listeners(struct lists *lists,
                           const struct generation *generation)
{
	size_t count = generation->snapshot->config->listener_count;
	size_t certificates = count_certificates(generation->snapshot);

	lists->listeners = calloc(count + 1, sizeof *lists->listeners);
	lists->certificates =
	    calloc(certificates + 1, sizeof *lists->certificates);
	lists->facts = calloc(certificates + 1, sizeof *lists->facts);
	if (!lists->listeners || !lists->certificates || !lists->facts)
		return false;
	lists->listener_count = count;
	for (size_t i = 0; i < count; i++)
		add_listener(lists, generation, i);
	return true;
}

static void forget(struct lists *lists)
{
	free(lists->generations);
	free(lists->listeners);
	free(lists->certificates);
	free(lists->facts);
}

static enum status_state state_of(const struct report *report)
{
	if (report->succession->is_ending)
		return STATUS_DRAINING;
	return report->reload->is_under_way ? STATUS_RELOADING : STATUS_SERVING;
}

static struct status fill(const struct report *report,
                          const struct lists *lists)
{
	const struct reload *reload = report->reload;
	bool is_good = reload->last_code == 0;

	return (struct status){
		.version = POSTERN_VERSION,
		.pid = (unsigned long)getpid(),
		.now_ms = record_now_ms(),
		.since_ms = (uint64_t)report->since * MS,
		.state = state_of(report),
		.reload = { .at_ms = (uint64_t)reload->last * MS,
		            .is_good = is_good,
		            .why = is_good ? NULL : reload->last_text },
		.generations = lists->generations,
		.generation_count = lists->generation_count,
		.listeners = lists->listeners,
		.listener_count = lists->listener_count,
		.config = report->succession->current->snapshot->config,
		.shared = report->succession->room.shared,
	};
}

static char *render(const struct report *report, bool is_json)
{
	const struct succession *succession = report->succession;
	struct lists lists = { .generations = NULL };
	char *text = NULL;

	if (list_generations(&lists, succession) &&
	    list_listeners(&lists, succession->current)) {
		struct status status = fill(report, &lists);

		text = is_json ? status_json(&status) : status_text(&status);
	}
	forget(&lists);
	return text;
}

char *report_text(const struct report *report)
{
	return render(report, false);
}

char *report_json(const struct report *report)
{
	return render(report, true);
}
