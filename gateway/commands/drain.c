/* SPDX-License-Identifier: Apache-2.0 */
#include <string.h>

#include "commands/ask.h"
#include "commands/command.h"

static int run(int argc, char **argv)
{
	struct ask_place place = { .command = &command_drain };
	struct ask question = { .request = "drain" };

	for (int i = 1; i < argc; i++) {
		enum ask_word word = ask_read_word(&place, argv, &i);

		if (word == ASK_BAD)
			return COMMAND_USAGE;
		if (word == ASK_TAKEN)
			continue;
		if (strcmp(argv[i], "--no-wait") != 0)
			return command_bad_usage(&command_drain, "unknown word",
			                         argv[i]);
		question.is_brief = true;
	}
	return ask(&place, &question);
}

const struct command command_drain = {
	.name = "drain",
	.usage = "drain [-c FILE | --socket PATH] [--no-wait]",
	.help = "Ends the running gateway in good order, like SIGTERM: no new "
	        "browsers, the\nsessions are closed over drain.spread_s. "
	        "Waits until it is gone.\n\n" ASK_OPTIONS
	        "  --no-wait      only until it has begun\n\n"
	        "Exit code 0, or 69 when no gateway was found.\n",
	.run = run,
};
