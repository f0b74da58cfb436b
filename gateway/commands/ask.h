/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Asks the running gateway through its admin socket: one line there, and back
 * an exit code in a line of its own, then text until the end.
 */
#pragma once

#include <stdbool.h>

#include "base/attribute.h"
#include "commands/command.h"

/* Where to look, as the command line says. */
struct ask_place {
	const struct command *command; /* who asks */
	const char *file;              /* -c FILE, or NULL */
	const char *socket;            /* --socket PATH, or NULL */
};

#define ASK_OPTIONS                                                            \
	"  -c FILE        the gateway's configuration, to find its socket\n"   \
	"  --socket PATH  its socket itself (admin.socket)\n"

enum ask_word {
	ASK_OTHER = 0, /* a word of the command's own */
	ASK_TAKEN,
	ASK_BAD, /* it has complained: COMMAND_USAGE */
};

/* Looks at argv[*at]; moves `at` on to the value that was taken with it. */
enum ask_word ask_read_word(struct ask_place *place, char **argv, int *at);

/*
 * Reads all words of a command that knows, besides those of a place, `flag`
 * alone, or none when it is NULL: `*is_set` tells whether it was there. False:
 * it has complained.
 */
bool ask_read_words(struct ask_place *place, int argc, char **argv,
                    const char *flag, bool *is_set) MUST_CHECK;

struct ask {
	const char *request; /* one line, without its end */
	unsigned limit_s;    /* how long to wait for a word; 0: for ever */
	bool is_brief;       /* the first line is enough */
};

/*
 * Finds the gateway, asks, and prints what it says: to stdout what is good,
 * to stderr anything else. Gives the exit code.
 */
int ask(const struct ask_place *place, const struct ask *ask);
