/* SPDX-License-Identifier: Apache-2.0 */
#include "commands/ask.h"
#include "commands/command.h"

static int run(int argc, char **argv)
{
	struct ask_place place = { .command = &command_reload };

	if (!ask_read_words(&place, argc, argv, NULL, NULL))
		return COMMAND_USAGE;
	return ask(&place, &(struct ask){ .request = "reload" });
}

const struct command command_reload = {
	.name = "reload",
	.usage = "reload [-c FILE | --socket PATH]",
	.help = "Has the running gateway read its configuration again, and "
	        "waits until it serves\nby the new one. If that is wrong in "
	        "any way, everything stays as it was, and\nthe gateway says "
	        "why.\n\n" ASK_OPTIONS
	        "\nExit code 0; 1 or 78 when it was not taken; 69 when no "
	        "gateway was found.\n",
	.run = run,
};
