/* SPDX-License-Identifier: Apache-2.0 */
#include <inttypes.h>
#include <stdio.h>
#include <time.h>

#include "commands/command.h"
#include "config/load.h"
#include "process/snapshot.h"
#include "tls/expiry.h"
#include "tls/facts.h"
#include "tls/listener.h"

static void print_certificate(struct config_place place, struct tls_facts facts)
{
	char text[PROBLEM_PLACE_BYTES];

	problem_place(place, text, sizeof text);
	printf("%s: certificate for %s, issued by %s, days left: %" PRIu64 "\n",
	       text, facts.names, facts.issuer,
	       tls_expiry_days(facts.end_s, (uint64_t)time(NULL)));
}

/* For each listener that has any. */
static void print_certificates(const struct snapshot *snapshot)
{
	const struct config *config = snapshot->config;

	for (size_t i = 0; i < config->listener_count; i++) {
		const struct tls_listener *tls = snapshot->tls[i];
		size_t count = tls ? tls_listener_count(tls) : 0;

		for (size_t n = 0; n < count; n++)
			print_certificate(config->listeners[i].place,
			                  tls_listener_facts(tls, n));
	}
}

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

	if (snapshot) {
		print_certificates(snapshot);
		printf("%s is good\n", file);
	}
	problems_finish(&problems);
	snapshot_destroy(snapshot);
	return code;
}

const struct command command_check = {
	.name = "check",
	.usage = "check [-c FILE]",
	.help = "Reads the configuration and all that it names, and tells "
	        "everything that\nis wrong or doubtful, with file and line. "
	        "Opens no port.\nAlso tells whom each certificate is for, who "
	        "issued it and how many days are\nleft.\n\n"
	        "  -c FILE   instead of " COMMAND_CONFIG_FILE "\n\n"
	        "Exit code 0, or 78 when postern would not start.\n",
	.run = run,
};
