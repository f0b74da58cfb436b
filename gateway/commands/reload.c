/* SPDX-License-Identifier: Apache-2.0 */
#include "commands/ask.h"
#include "commands/command.h"

static int run(int argc, char **argv)
{
	struct ask_place place = { .command = &command_reload };

	for (int i = 1; i < argc; i++) {
		enum ask_word word = ask_read_word(&place, argv, &i);

		if (word == ASK_BAD)
			return COMMAND_USAGE;
		if (word == ASK_OTHER)
			return command_bad_usage(&command_reload,
			                         "unknown word", argv[i]);
	}
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
