/* SPDX-License-Identifier: Apache-2.0 */
#include "commands/ask.h"
#include "commands/command.h"

#define LIMIT_S 30

static int run(int argc, char **argv)
{
	struct ask_place place = { .command = &command_status };
	bool is_json = false;

	if (!ask_read_words(&place, argc, argv, "--json", &is_json))
		return COMMAND_USAGE;
	return ask(&place, &(struct ask){
	                       .request = is_json ? "status json" : "status",
	                       .limit_s = LIMIT_S,
	                   });
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
