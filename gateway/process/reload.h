/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Reading the configuration again while the gateway serves, all or nothing.
 *
 * What only concerns the log or certificates is changed in place; anything
 * else makes another generation of workers. One reload is under way at a time;
 * whoever asks meanwhile gets the next one.
 */
#pragma once

#include <stdbool.h>
#include <stdio.h>
#include <time.h>

#include "process/certificates.h"
#include "process/notify.h"
#include "process/succession.h"

/* Reads the configuration again, from wherever it came; see config/load.h. */
typedef struct config *reload_load(const void *source,
                                   struct problems *problems);

/* `code` as an exit code, `text` borrowed: what has come of it, in lines. */
typedef void reload_done(void *owner, int code, const char *text);

struct reload_asker;

struct reload {
	struct succession *succession;
	struct certificates *certificates;
	reload_load *load;
	const void *source;
	const struct notify *notify;  /* the service manager hears of it */
	struct reload_asker *waiting; /* for the next one */
	struct reload_asker *served;  /* by the one under way */
	bool is_under_way;
	bool is_log_changed; /* to `log`, once all is known to go well */
	struct config_log log;
	struct fingerprint_change change; /* that the one under way makes */
	FILE *said; /* what went wrong so far, into `text` */
	char *text;
	size_t text_len;
	time_t last;     /* when one ended; 0: none has */
	int last_code;   /* and how */
	char *last_text; /* owned; what was said of it */
};

/*
 * Of `reload` the first five are set. `done` is called once, later, unless
 * the program ends before.
 */
void reload_ask(struct reload *reload, reload_done *done, void *owner);

/*
 * After each turn of the loop, with what has become of the succession and of
 * certificates in it.
 */
void reload_step(struct reload *reload, enum succession_step succession,
                 enum certificates_step certificates);

/* Forgets who has asked; frees all. */
void reload_finish(struct reload *reload);
