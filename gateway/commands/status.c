/* SPDX-License-Identifier: Apache-2.0 */
#include <stdbool.h>
#include <string.h>

#include "commands/ask.h"
#include "commands/command.h"

#define LIMIT_S 30

static int run(int argc, char **argv)
{
	struct ask_place place = { .command = &command_status };
	struct ask question = { .request = "status", .limit_s = LIMIT_S };

	for (int i = 1; i < argc; i++) {
		enum ask_word word = ask_read_word(&place, argv, &i);

		if (word == ASK_BAD)
			return COMMAND_USAGE;
		if (word == ASK_TAKEN)
			continue;
		if (strcmp(argv[i], "--json") != 0)
			return command_bad_usage(&command_status,
			                         "unknown word", argv[i]);
		question.request = "status json";
	}
	return ask(&place, &question);
}

const struct command command_status = {
	.name = "status",
	.usage = "status [-c FILE | --socket PATH] [--json]",
	.help = "Tells how the running gateway is: since when, its workers, "
	        "listeners, brokers\nand sessions, what it refused, and who "
	        "may do what by which route.\n\n" ASK_OPTIONS
	        "  --json         the same for programs\n\n"
	        "Exit code 0, or 69 when no gateway was found.\n",
	.run = run,
};
