/* SPDX-License-Identifier: Apache-2.0 */
#include "process/reload.h"

#include <stdlib.h>

#include "base/log.h"
#include "process/inherited.h"
#include "process/snapshot.h"

/* [sysexits.h], as the commands give them */
#define CODE_GOOD 0
#define CODE_FAILED 1
#define CODE_CONFIG 78

struct reload_asker {
	struct reload_asker *next;
	reload_done *done;
	void *owner;
};

void reload_ask(struct reload *reload, reload_done *done, void *owner)
{
	struct reload_asker *asker = malloc(sizeof *asker);

	if (!asker) {
		done(owner, CODE_FAILED, "no memory\n");
		return;
	}
	*asker = (struct reload_asker){ reload->waiting, done, owner };
	reload->waiting = asker;
}

static void drop_askers(struct reload_asker *askers)
{
	while (askers) {
		struct reload_asker *asker = askers;

		askers = asker->next;
		free(asker);
	}
}

/* The end of one. */

static void close_text(struct reload *reload)
{
	log_overhear(NULL);
	if (reload->said)
		fclose(reload->said);
	reload->said = NULL;
}

static void answer(struct reload *reload, int code)
{
	struct reload_asker *served = reload->served;

	reload->served = NULL;
	for (struct reload_asker *at = served; at; at = at->next)
		at->done(at->owner, code, reload->text ? reload->text : "");
	drop_askers(served);
}

static void tell_manager(const struct reload *reload)
{
	const struct sockets_set *set = &reload->succession->current->set;

	if (!reload->succession->is_ending)
		notify_ready(reload->notify, set->workers, set->count);
}

static void finish(struct reload *reload, int code, const char *outcome)
{
	struct shared *shared = reload->succession->room.shared;

	close_text(reload);
	shared_count_deed(shared, code == CODE_GOOD ? SHARED_RELOADS
	                                            : SHARED_RELOADS_FAILED);
	if (code == CODE_GOOD)
		log_info("reloaded", LOG_FIELDS(log_text("outcome", outcome)));
	else
		log_error("reload failed: everything stays as it was",
		          LOG_FIELDS(log_text("why", outcome)));
	reload->is_under_way = false;
	tell_manager(reload);
	reload->last = time(NULL);
	reload->last_code = code;
	answer(reload, code);
	free(reload->last_text);
	reload->last_text = reload->text;
	reload->text = NULL;
}

static void say(const struct reload *reload, const char *line)
{
	if (reload->said)
		fprintf(reload->said, "%s\n", line);
}

static void succeed(struct reload *reload, const char *outcome)
{
	say(reload, outcome);
	finish(reload, CODE_GOOD, outcome);
}

static void fail(struct reload *reload, int code, const char *why)
{
	say(reload, why);
	say(reload, "everything stays as it was");
	finish(reload, code, why);
}

/* The beginning. */

static void log_problems(const struct problems *problems)
{
	for (size_t i = 0; i < problems->count; i++) {
		const struct problem *problem = &problems->list[i];
		char place[PROBLEM_PLACE_BYTES];

		problem_place(problem->place, place, sizeof place);
		(problem->is_error ? log_error : log_warning)(
		    "configuration",
		    LOG_FIELDS(log_text("at", place),
		               log_text("why", problem->text)));
	}
}

/* As `check` prints it for who has asked, as fields for the log. */
static struct snapshot *read_again(struct reload *reload)
{
	struct problems problems;

	problems_init(&problems);
	struct snapshot *snapshot =
	    snapshot_create(reload->load(reload->source, &problems), &problems);

	log_overhear(NULL);
	log_problems(&problems);
	log_overhear(reload->said);
	if (reload->said)
		problems_print(&problems, reload->said);
	problems_finish(&problems);
	return snapshot;
}

static bool is_same_log(const struct config_log *a, const struct config_log *b)
{
	return a->level == b->level && a->format == b->format;
}

static void set_log(struct reload *reload, const struct config_log *log)
{
	struct succession *succession = reload->succession;
	bool is_json = log->format == CONFIG_LOG_JSON;
	struct channel_log body = { .level = (uint8_t)log->level,
		                    .is_json = is_json };

	succession->current->snapshot->config->log = *log;
	log_set((enum log_level)log->level, is_json);
	succession_say(succession, CHANNEL_LOG,
	               (struct slice){ (const uint8_t *)&body, sizeof body });
}

/* Nothing but what can be changed in place: `snapshot` has served. */
static void change_in_place(struct reload *reload, struct snapshot *snapshot)
{
	const struct snapshot *current = reload->succession->current->snapshot;

	reload->log = snapshot->config->log;
	reload->is_log_changed =
	    !is_same_log(&reload->log, &current->config->log);
	snapshot_destroy(snapshot);
	certificates_ask(reload->certificates);
}

static struct fingerprint_of print_of(const struct snapshot *snapshot)
{
	return (struct fingerprint_of){ snapshot->config, &snapshot->print };
}

static bool fits_inherited(const struct reload *reload,
                           const struct snapshot *snapshot)
{
	return inherited_fits(reload->succession->sockets.inherited,
	                      snapshot->config);
}

static void succeed_current(struct reload *reload, struct snapshot *snapshot)
{
	if (!fits_inherited(reload, snapshot)) {
		snapshot_destroy(snapshot);
		fail(reload, CODE_CONFIG,
		     "no listener for an inherited socket");
		return;
	}
	reload->change =
	    fingerprint_compare(print_of(reload->succession->current->snapshot),
	                        print_of(snapshot));
	if (succession_begin(reload->succession, snapshot))
		return;
	snapshot_destroy(snapshot);
	fail(reload, CODE_FAILED, "not everything could be opened");
}

static void begin(struct reload *reload)
{
	const struct snapshot *current = reload->succession->current->snapshot;

	reload->is_under_way = true;
	reload->served = reload->waiting;
	reload->waiting = NULL;
	reload->said = open_memstream(&reload->text, &reload->text_len);
	notify_reloading(reload->notify);
	log_overhear(reload->said);

	struct snapshot *snapshot = read_again(reload);

	if (!snapshot)
		fail(reload, CODE_CONFIG, "the configuration is not valid");
	else if (snapshot->print.whole == current->print.whole)
		change_in_place(reload, snapshot);
	else
		succeed_current(reload, snapshot);
}

/* Between the two. */

/* Those who stay in the old workers log as the new ones do. */
static void on_taken_over(struct reload *reload)
{
	const struct generation *current = reload->succession->current;
	const struct fingerprint_change *change = &reload->change;
	struct config_log log = current->snapshot->config->log;
	char line[160];

	set_log(reload, &log);
	snprintf(line, sizeof line,
	         "generation %u serves; routes: %u unchanged, %u changed, "
	         "%u gone, %u new",
	         current->number, change->same, change->changed, change->gone,
	         change->added);
	succeed(reload, line);
}

static void on_certificates(struct reload *reload, enum certificates_step step)
{
	bool is_good =
	    step == CERTIFICATES_CHANGED || step == CERTIFICATES_SAME;

	if (is_good && reload->is_log_changed)
		set_log(reload, &reload->log);
	if (step == CERTIFICATES_CHANGED)
		succeed(reload, "certificates changed");
	else if (step == CERTIFICATES_SAME)
		succeed(reload, reload->is_log_changed ? "log settings changed"
		                                       : "nothing has changed");
	else if (step == CERTIFICATES_FAILED)
		fail(reload, CODE_FAILED, "a certificate cannot be used");
}

void reload_step(struct reload *reload, enum succession_step succession,
                 enum certificates_step certificates)
{
	if (!reload->is_under_way && certificates == CERTIFICATES_FAILED)
		shared_count_deed(reload->succession->room.shared,
		                  SHARED_RELOADS_FAILED);
	if (reload->is_under_way && succession == SUCCESSION_DONE)
		on_taken_over(reload);
	else if (reload->is_under_way && succession == SUCCESSION_FAILED)
		fail(reload, CODE_FAILED,
		     "a worker of the new configuration does not start");
	else if (reload->is_under_way && !reload->succession->coming)
		on_certificates(reload, certificates);
	if (reload->waiting && !reload->is_under_way &&
	    reload->succession->current && !reload->succession->coming &&
	    !reload->succession->is_ending &&
	    !reload->certificates->is_under_way)
		begin(reload);
}

void reload_finish(struct reload *reload)
{
	close_text(reload);
	free(reload->text);
	free(reload->last_text);
	reload->text = NULL;
	reload->last_text = NULL;
	drop_askers(reload->waiting);
	drop_askers(reload->served);
	reload->waiting = NULL;
	reload->served = NULL;
}
