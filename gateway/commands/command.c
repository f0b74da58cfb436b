/* SPDX-License-Identifier: Apache-2.0 */
#include "commands/command.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "config/default.h"
#include "config/load.h"

int command_bad_usage(const struct command *command, const char *what,
                      const char *word)
{
	fprintf(stderr, "postern %s: %s%s%s\n", command->name, what,
	        word ? " " : "", word ? word : "");
	fprintf(stderr, "usage: postern %s\n", command->usage);
	return COMMAND_USAGE;
}

int command_read_file_option(const struct command *command, int argc,
                             char **argv, const char **file)
{
	for (int i = 1; i < argc; i += 2) {
		if (strcmp(argv[i], "-c") != 0)
			return command_bad_usage(command, "unknown word",
			                         argv[i]);
		if (i + 1 == argc)
			return command_bad_usage(command, "-c needs a file",
			                         NULL);
		*file = argv[i + 1];
	}
	return COMMAND_OK;
}

struct config *command_load(const char *file, struct problems *problems)
{
	struct config_overrides none = { .has_ipv6 = true };

	if (file)
		return config_load(file, problems);
	if (access(COMMAND_CONFIG_FILE, F_OK) == 0)
		return config_load(COMMAND_CONFIG_FILE, problems);
	return config_default(&none, problems);
}

int command_no_snapshot(const struct problems *problems)
{
	if (problems->errors > 0)
		return COMMAND_CONFIG;
	fputs("postern: out of memory at start-up, or of what the line above "
	      "names\n",
	      stderr);
	return EXIT_FAILURE;
}

void command_print_entry(const char *what, const struct config_text *entry)
{
	char place[PROBLEM_PLACE_BYTES];

	problem_place(entry->place, place, sizeof place);
	printf("%s \"%s\" at %s", what, entry->value, place);
}
