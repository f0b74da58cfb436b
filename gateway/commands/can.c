/* SPDX-License-Identifier: Apache-2.0 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "commands/can_origin.h"
#include "commands/can_topic.h"
#include "commands/command.h"
#include "policy/route.h"
#include "process/snapshot.h"

#define CLAIMS_MAX 32
#define ORIGIN "origin" /* the question that is about no topic */

struct words {
	const char *file;  /* NULL: not named */
	const char *route; /* its path */
	const char *question;
	struct can_topic topic;
	struct acl_claim claims[CLAIMS_MAX];
};

static bool read_question(struct words *words, const char *word)
{
	static const char *const questions[] = {
		[CAN_PUBLISH] = "publish",
		[CAN_RETAIN] = "retain",
		[CAN_SUBSCRIBE] = "subscribe",
		[CAN_RECEIVE] = "receive",
	};

	words->question = word;
	for (size_t i = 0; i < sizeof questions / sizeof *questions; i++) {
		if (strcmp(questions[i], word) != 0)
			continue;
		words->topic.question = (enum can_question)i;
		return true;
	}
	return strcmp(word, ORIGIN) == 0;
}

static int read_claim(struct words *words, const char *text)
{
	struct acl_subject *subject = &words->topic.subject;
	const char *equals = strchr(text, '=');
	struct acl_claim *claim = &words->claims[subject->claim_count];

	if (!equals || equals == text)
		return command_bad_usage(&command_can,
		                         "--claim wants NAME=VALUE, not", text);
	if (subject->claim_count == CLAIMS_MAX)
		return command_bad_usage(&command_can, "too many of",
		                         "--claim");
	claim->name =
	    (struct slice){ (const uint8_t *)text, (size_t)(equals - text) };
	claim->value = slice_from_text(equals + 1);
	subject->claims = words->claims;
	subject->claim_count++;
	return COMMAND_OK;
}

static int read_option(struct words *words, const char *option,
                       const char *value)
{
	struct acl_subject *subject = &words->topic.subject;

	if (!value)
		return command_bad_usage(&command_can, "no value after",
		                         option);
	if (strcmp(option, "-c") == 0)
		words->file = value;
	else if (strcmp(option, "--route") == 0)
		words->route = value;
	else if (strcmp(option, "--user") == 0)
		subject->user = slice_from_text(value);
	else if (strcmp(option, "--client") == 0)
		subject->client = slice_from_text(value);
	else if (strcmp(option, "--claim") == 0)
		return read_claim(words, value);
	else
		return command_bad_usage(&command_can, "unknown word", option);
	return COMMAND_OK;
}

/* What follows the question is a topic, whatever it looks like. */
static int read_words(struct words *words, int argc, char **argv)
{
	for (int i = 1; i < argc; i += 2) {
		const char *value = i + 1 < argc ? argv[i + 1] : NULL;
		int usage = COMMAND_OK;

		if (argv[i][0] == '-')
			usage = read_option(words, argv[i], value);
		else if (words->question || !read_question(words, argv[i]))
			usage = command_bad_usage(&command_can, "unknown word",
			                          argv[i]);
		else if (!value)
			usage = command_bad_usage(&command_can,
			                          "no value after", argv[i]);
		else
			words->topic.topic = slice_from_text(value);
		if (usage != COMMAND_OK)
			return usage;
	}
	if (!words->route)
		return command_bad_usage(&command_can, "--route is missing",
		                         NULL);
	return words->question
	           ? COMMAND_OK
	           : command_bad_usage(&command_can, "can what?", NULL);
}

static int say_no_route(const struct policy *policy, const char *path)
{
	printf("refused (no_route): no route has the path \"%s\"; there are",
	       path);
	for (size_t i = 0; i < policy->route_count; i++)
		printf("%s %s", i == 0 ? "" : ",",
		       policy->routes[i].config->path.value);
	printf("\n");
	return COMMAND_FAILED;
}

static int answer(struct words *words, const struct policy *policy,
                  const struct config *config)
{
	struct slice path = slice_from_text(words->route);
	const struct policy_route *route = route_find(policy, path);

	if (!route)
		return say_no_route(policy, words->route);
	if (strcmp(words->question, ORIGIN) == 0)
		return can_origin(policy, route, words->topic.topic);
	words->topic.config = config;
	words->topic.route = route;
	return can_topic(&words->topic);
}

static int run(int argc, char **argv)
{
	struct words words = { .file = NULL };
	int code = read_words(&words, argc, argv);
	struct problems problems;

	if (code != COMMAND_OK)
		return code;
	problems_init(&problems);

	struct snapshot *snapshot =
	    snapshot_create(command_load(words.file, &problems), &problems);

	if (snapshot) {
		code = answer(&words, snapshot->policy, snapshot->config);
	} else {
		problems_print(&problems, stderr);
		code = command_no_snapshot(&problems);
	}
	problems_finish(&problems);
	snapshot_destroy(snapshot);
	return code;
}

const struct command command_can = {
	.name = "can",
	.usage = "can [-c FILE] --route PATH [--user U] [--client ID] "
	         "[--claim NAME=VALUE]...\n              "
	         "publish|retain|subscribe|receive TOPIC | origin ORIGIN",
	.help =
	    "Tells whether a browser may do that, and which rule decides. Asks "
	    "no broker\nand no running gateway, only the configuration.\n\n"
	    "  -c FILE              instead of " COMMAND_CONFIG_FILE "\n"
	    "  --route PATH         path of the URL that the browser opens\n"
	    "  --user U             user name it is logged in with, or subject "
	    "of its\n"
	    "                       certificate: ${user}\n"
	    "  --client ID          client id in its CONNECT\n"
	    "  --claim NAME=VALUE   what a token would say of it: "
	    "${claim.NAME}\n"
	    "\n"
	    "  publish TOPIC        may it publish there\n"
	    "  retain TOPIC         may it publish there with the retain flag\n"
	    "  subscribe TOPIC      filter, may begin with $share/GROUP/\n"
	    "  receive TOPIC        may it get messages of that topic\n"
	    "  origin ORIGIN        may a page from there connect; where "
	    "listeners differ,\n                       one that lets it in is "
	    "enough for exit code 0\n\n"
	    "Exit code 0 when it may, 1 when not, 78 when the configuration is "
	    "wrong.\n"
	    "Without -c and without the file above, it asks the built-in "
	    "default.\n",
	.run = run,
};
