/* SPDX-License-Identifier: Apache-2.0 */
#include <stdio.h>

#include "commands/command.h"
#include "config/print.h"
#include "process/snapshot.h"

static int run(int argc, char **argv)
{
	const char *file = NULL;
	int usage =
	    command_read_file_option(&command_print_config, argc, argv, &file);
	struct problems problems;

	if (usage != COMMAND_OK)
		return usage;
	problems_init(&problems);

	struct snapshot *snapshot =
	    snapshot_create(command_load(file, &problems), &problems);
	problems_print(&problems, stderr);

	int code = snapshot ? COMMAND_OK : command_no_snapshot(&problems);

	if (snapshot)
		config_print(snapshot->config, stdout);
	problems_finish(&problems);
	snapshot_destroy(snapshot);
	return code;
}

const struct command command_print_config = {
	.name = "print-config",
	.usage = "print-config [-c FILE]",
	.help = "Prints the configuration in effect, every default written "
	        "out, as a file that\npostern can read. Without -c and "
	        "without " COMMAND_CONFIG_FILE ", the\nbuilt-in default.\n",
	.run = run,
};
