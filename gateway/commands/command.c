/* SPDX-License-Identifier: Apache-2.0 */
#include "commands/command.h"

#include <stdio.h>
#include <string.h>

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
