/* SPDX-License-Identifier: Apache-2.0 */
#include <inttypes.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include "base/question.h"
#include "commands/ask.h"
#include "commands/command.h"
#include "commands/moment.h"

#define LIMIT_S 30
#define REQUEST_BYTES 160

struct words {
	struct ask_place place;
	const char *question;
	bool has_time;
	uint64_t at_s;
	bool is_json;
};

static int read_time(struct words *words, const char *value)
{
	if (!value)
		return command_bad_usage(&command_who, "no value after",
		                         "--at");
	words->has_time = moment_read(value, &words->at_s);
	return words->has_time
	           ? COMMAND_OK
	           : command_bad_usage(&command_who,
	                               "--at wants seconds since 1970 or "
	                               "2026-11-28T09:05:08, not",
	                               value);
}

static int read_word(struct words *words, char **argv, int *at)
{
	struct question question;
	enum ask_word word = ask_read_word(&words->place, argv, at);

	if (word != ASK_OTHER)
		return word == ASK_BAD ? COMMAND_USAGE : COMMAND_OK;
	if (strcmp(argv[*at], "--at") == 0)
		return read_time(words, argv[++*at]);
	if (strcmp(argv[*at], "--json") == 0) {
		words->is_json = true;
		return COMMAND_OK;
	}
	if (words->question || argv[*at][0] == '-')
		return command_bad_usage(&command_who, "unknown word",
		                         argv[*at]);
	if (!question_read(argv[*at], &question))
		return command_bad_usage(
		    &command_who, "neither a port nor a session:", argv[*at]);
	words->question = argv[*at];
	return COMMAND_OK;
}

static int send_question(const struct words *words)
{
	char request[REQUEST_BYTES];
	size_t len =
	    (size_t)snprintf(request, sizeof request, "who %s%s",
	                     words->is_json ? "json " : "", words->question);

	if (words->has_time && len < sizeof request)
		snprintf(request + len, sizeof request - len, " at %" PRIu64,
		         words->at_s);
	return ask(&words->place,
	           &(struct ask){ .request = request, .limit_s = LIMIT_S });
}

static int run(int argc, char **argv)
{
	struct words words = { .place = { .command = &command_who } };

	for (int i = 1; i < argc; i++) {
		int usage = read_word(&words, argv, &i);

		if (usage != COMMAND_OK)
			return usage;
	}
	return words.question ? send_question(&words)
	                      : command_bad_usage(&command_who, "who?", NULL);
}

const struct command command_who = {
	.name = "who",
	.usage = "who [-c FILE | --socket PATH] [--at TIME] [--json]\n"
	         "              [ADDR:]PORT | SESSION",
	.help =
	    "Tells whose connection to the broker that is or was: PORT, or "
	    "ADDR:PORT, as the\nbroker's log has it (\"New client connected "
	    "from 127.0.0.1:54321\"), or the id of a\nsession, as ours has it. "
	    "Known are those that are open, and those that ended\nwithin the "
	    "last hour, as far as not too many came after them.\n\n" ASK_OPTIONS
	    "  --at TIME      the one that lived then: seconds since 1970, or\n"
	    "                 2026-11-28T09:05:08 in local time, or with Z or "
	    "an offset\n"
	    "  --json         the same for programs\n\n"
	    "Exit code 0; 1 when there is none; 69 when no gateway was "
	    "found.\n",
	.run = run,
};
