/* SPDX-License-Identifier: Apache-2.0 */
#include <stdio.h>

#include "commands/command.h"
#include "config/load.h"
#include "process/snapshot.h"

static int run(int argc, char **argv)
{
	const char *file = COMMAND_CONFIG_FILE;
	int usage = command_read_file_option(&command_check, argc, argv, &file);
	struct problems problems;

	if (usage != COMMAND_OK)
		return usage;
	problems_init(&problems);

	struct snapshot *snapshot =
	    snapshot_create(config_load(file, &problems), &problems);
	problems_print(&problems, stderr);

	int code = snapshot ? COMMAND_OK : command_no_snapshot(&problems);

	if (snapshot)
		printf("%s is good\n", file);
	problems_finish(&problems);
	snapshot_destroy(snapshot);
	return code;
}

const struct command command_check = {
	.name = "check",
	.usage = "check [-c FILE]",
	.help = "Reads the configuration and all that it names, and tells "
	        "everything that\nis wrong or doubtful, with file and line. "
	        "Opens no port.\n\n"
	        "  -c FILE   instead of " COMMAND_CONFIG_FILE "\n\n"
	        "Exit code 0, or 78 when postern would not start.\n",
	.run = run,
};
