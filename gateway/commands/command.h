/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The commands of the program, one file each, and what they have in common.
 */
#pragma once

#include "config/config.h"

/* [sysexits.h]; 0 and 1 as everywhere */
enum command_exit {
	COMMAND_OK = 0,
	COMMAND_FAILED = 1, /* at run time */
	COMMAND_USAGE = 64, /* words of the command line */
	COMMAND_NO_GATEWAY = 69,
	COMMAND_CONFIG = 78, /* the configuration */
};

#define COMMAND_CONFIG_FILE "/etc/postern/postern.conf"

struct command {
	const char *name;
	const char *usage;                 /* its words, after `postern` */
	const char *help;                  /* what --help says, whole lines */
	int (*run)(int argc, char **argv); /* argv[0] is the name */
};

extern const struct command command_serve;
extern const struct command command_check;
extern const struct command command_print_config;
extern const struct command command_can;
extern const struct command command_status;
extern const struct command command_who;
extern const struct command command_reload;
extern const struct command command_drain;
extern const struct command command_doctor;

/* Tells what is wrong with the words of `command`; gives COMMAND_USAGE. */
int command_bad_usage(const struct command *command, const char *what,
                      const char *word);

/*
 * Reads the options of a command that knows -c FILE only. COMMAND_OK, or
 * COMMAND_USAGE when it has complained; `*file` stays when -c is not there.
 */
int command_read_file_option(const struct command *command, int argc,
                             char **argv, const char **file);

/*
 * Reads `file`, or when it is NULL the file in /etc, or without one the
 * built-in default. NULL: unreadable, `problems` tell.
 */
struct config *command_load(const char *file, struct problems *problems);

/*
 * Why there is no snapshot of a configuration, when the `problems` have been
 * printed; gives the exit code.
 */
int command_no_snapshot(const struct problems *problems);

/* Prints `what`, then a text of the configuration and where it stands. */
void command_print_entry(const char *what, const struct config_text *entry);
