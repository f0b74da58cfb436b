/* SPDX-License-Identifier: Apache-2.0 */
#include "commands/ask.h"
#include "commands/command.h"

static int run(int argc, char **argv)
{
	struct ask_place place = { .command = &command_drain };
	struct ask question = { .request = "drain" };

	if (!ask_read_words(&place, argc, argv, "--no-wait",
	                    &question.is_brief))
		return COMMAND_USAGE;
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
