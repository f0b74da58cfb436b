/* SPDX-License-Identifier: Apache-2.0 */
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <unistd.h>

#include <netinet/in.h>

#include "base/log.h"
#include "base/sink.h"
#include "commands/command.h"
#include "config/default.h"
#include "config/load.h"
#include "process/inherited.h"
#include "process/master.h"
#include "process/snapshot.h"

#define VALUES_MAX 32 /* of one option */

struct values {
	const char *list[VALUES_MAX];
	size_t count;
};

struct words {
	const char *file; /* NULL: not named */
	struct values upstreams;
	struct values listens;
	struct values origins;
};

static struct values *values_of(struct words *words, const char *option)
{
	if (strcmp(option, "--upstream") == 0)
		return &words->upstreams;
	if (strcmp(option, "--listen") == 0)
		return &words->listens;
	return strcmp(option, "--origin") == 0 ? &words->origins : NULL;
}

static bool has_overrides(const struct words *words)
{
	return words->upstreams.count + words->listens.count +
	           words->origins.count >
	       0;
}

static int read_option(struct words *words, const char *option,
                       const char *value)
{
	struct values *values = values_of(words, option);

	if (!value)
		return command_bad_usage(&command_serve, "no value after",
		                         option);
	if (strcmp(option, "-c") == 0) {
		words->file = value;
		return COMMAND_OK;
	}
	if (values->count == VALUES_MAX)
		return command_bad_usage(&command_serve, "too many of", option);
	values->list[values->count++] = value;
	return COMMAND_OK;
}

static int read_words(struct words *words, int argc, char **argv)
{
	for (int i = 1; i < argc; i += 2) {
		if (strcmp(argv[i], "-c") != 0 && !values_of(words, argv[i]))
			return command_bad_usage(&command_serve, "unknown word",
			                         argv[i]);

		int usage = read_option(words, argv[i],
		                        i + 1 < argc ? argv[i + 1] : NULL);

		if (usage != COMMAND_OK)
			return usage;
	}
	if (words->file && has_overrides(words))
		return command_bad_usage(&command_serve,
		                         "--upstream, --listen and --origin "
		                         "change the built-in default: write "
		                         "them into the file, or leave out -c",
		                         NULL);
	return COMMAND_OK;
}

static bool has_ipv6(void)
{
	struct sockaddr_in6 loopback = { .sin6_family = AF_INET6,
		                         .sin6_addr = IN6ADDR_LOOPBACK_INIT };
	int fd = socket(AF_INET6, SOCK_STREAM | SOCK_CLOEXEC, 0);
	bool has = fd >= 0 &&
	           bind(fd, (struct sockaddr *)&loopback, sizeof loopback) == 0;

	if (fd >= 0)
		close(fd);
	return has;
}

static struct config *load_default(const struct words *words,
                                   struct problems *problems)
{
	struct config_overrides overrides = {
		.upstreams = words->upstreams.list,
		.upstream_count = words->upstreams.count,
		.listens = words->listens.list,
		.listen_count = words->listens.count,
		.origins = words->origins.list,
		.origin_count = words->origins.count,
		.has_ipv6 = has_ipv6(),
	};

	return config_default(&overrides, problems);
}

static struct config *load(const void *source, struct problems *problems)
{
	const struct words *words = source;
	bool has_file = access(COMMAND_CONFIG_FILE, F_OK) == 0;

	if (words->file)
		return config_load(words->file, problems);
	if (has_file && !has_overrides(words))
		return config_load(COMMAND_CONFIG_FILE, problems);
	if (has_file)
		log_info("configuration file not read",
		         LOG_FIELDS(log_text("file", COMMAND_CONFIG_FILE),
		                    log_text("why", "options on the command "
		                                    "line")));
	return load_default(words, problems);
}

/* NULL, with the exit code, after it has been told why. */
static struct snapshot *read_snapshot(const struct words *words, int *code)
{
	struct problems problems;

	problems_init(&problems);

	struct snapshot *snapshot =
	    snapshot_create(load(words, &problems), &problems);

	problems_print(&problems, stderr);
	if (!snapshot)
		*code = command_no_snapshot(&problems);
	problems_finish(&problems);
	return snapshot;
}

/* No core of it, and none of its user's programs looks into its memory. */
static void keep_secrets(void)
{
	(void)prctl(PR_SET_DUMPABLE, 0);
}

static int serve(struct snapshot *snapshot, struct inherited *inherited,
                 const struct words *words)
{
	log_set((enum log_level)snapshot->config->log.level,
	        snapshot->config->log.format == CONFIG_LOG_JSON);
	if (inherited_fits(inherited, snapshot->config))
		return master_run(snapshot, inherited, load, words);
	snapshot_destroy(snapshot);
	return COMMAND_CONFIG;
}

static int run(int argc, char **argv)
{
	struct words words = { .file = NULL };
	int code = read_words(&words, argc, argv);
	struct snapshot *snapshot = NULL;
	struct inherited inherited;

	if (code != COMMAND_OK)
		return code;
	code = COMMAND_CONFIG;
	keep_secrets();
	sink_open();
	if (inherited_take(&inherited))
		snapshot = read_snapshot(&words, &code);
	if (snapshot)
		code = serve(snapshot, &inherited, &words);
	inherited_finish(&inherited);
	return code;
}

const struct command command_serve = {
	.name = "serve",
	.usage = "serve [-c FILE | --upstream URL ... --listen [ADDR:]PORT "
	         "... --origin ORIGIN ...]",
	.help = "Runs the gateway in the foreground and logs to stderr. The "
	        "line that begins\nwith `ready` says that every listener "
	        "accepts.\n\n"
	        "  -c FILE               configuration, instead "
	        "of " COMMAND_CONFIG_FILE "\n"
	        "  --upstream URL        broker, mqtt://HOST[:PORT], mqtts:// "
	        "or unix:/PATH\n"
	        "  --listen [ADDR:]PORT  a port alone listens on 127.0.0.1 and "
	        "[::1]\n"
	        "  --origin ORIGIN       page that may come in, "
	        "https://HOST[:PORT]\n\n"
	        "Without -c and without that file: plain WebSocket on "
	        "127.0.0.1:8083 and\n[::1]:8083, paths /mqtt, / and /json, "
	        "broker mqtt://127.0.0.1:1883, pages of\nlocalhost. The last "
	        "three options change that; each may be given several "
	        "times.\n",
	.run = run,
};
