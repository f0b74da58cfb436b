/* SPDX-License-Identifier: Apache-2.0 */
#include "admin/requests.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/un.h>

#include "admin/admin_path.h"
#include "admin/report.h"
#include "base/log.h"

#define CODE_GOOD 0
#define CODE_FAILED 1
#define CODE_USAGE 64

/* One word, one function. */

static void on_reloaded(void *owner, int code, const char *text)
{
	admin_answer(owner, code, text);
}

static void reload(struct requests *requests, const char *arguments,
                   struct admin_asker *asker)
{
	(void)arguments;
	if (requests->succession->is_ending)
		admin_answer(asker, CODE_FAILED, "the gateway is draining\n");
	else
		reload_ask(requests->reload, on_reloaded, asker);
}

static void drain(struct requests *requests, const char *arguments,
                  struct admin_asker *asker)
{
	const struct shared *shared = requests->succession->room.shared;
	char text[64];

	(void)arguments;
	snprintf(text, sizeof text, "draining %llu sessions\n",
	         (unsigned long long)shared_sum_gauge(shared, SHARED_SESSIONS));
	admin_answer_first(asker, CODE_GOOD, text);
	if (!requests->succession->is_ending)
		requests->on_drain(requests->owner);
}

static void status(struct requests *requests, const char *arguments,
                   struct admin_asker *asker)
{
	const struct report report = {
		.succession = requests->succession,
		.reload = requests->reload,
		.since = requests->since,
	};
	char *text = strcmp(arguments, "json") == 0 ? report_json(&report)
	                                            : report_text(&report);

	admin_answer(asker, text ? CODE_GOOD : CODE_FAILED,
	             text ? text : "no memory\n");
	free(text);
}

static void who(struct requests *requests, const char *arguments,
                struct admin_asker *asker)
{
	inquiry_open(&requests->inquiries, arguments, asker);
}

struct request {
	const char *word;
	void (*answer)(struct requests *requests, const char *arguments,
	               struct admin_asker *asker);
};

static const struct request known[] = {
	{ "reload", reload },
	{ "drain", drain },
	{ "status", status },
	{ "who", who },
};

static void on_line(void *owner, const char *line, struct admin_asker *asker)
{
	size_t len = strcspn(line, " ");
	const char *arguments = line + len + strspn(line + len, " ");

	for (size_t i = 0; i < sizeof known / sizeof known[0]; i++) {
		if (strlen(known[i].word) == len &&
		    strncmp(known[i].word, line, len) == 0) {
			known[i].answer(owner, arguments, asker);
			return;
		}
	}
	admin_answer(asker, CODE_USAGE,
	             "known requests: status, who, reload, drain\n");
}

/* The socket. */

static mode_t mode_of(const struct config *config)
{
	return (mode_t)strtoul(config->admin.mode.value, NULL, 8);
}

/* One that cannot be had is no reason not to serve: it is logged. */
static void open_socket(struct requests *requests, const struct config *config)
{
	char path[sizeof((struct sockaddr_un *)0)->sun_path];

	if (!admin_path(config, path, sizeof path)) {
		admin_close(requests->admin);
		requests->admin = NULL;
		return;
	}
	if (requests->admin &&
	    strcmp(admin_path_of(requests->admin), path) == 0) {
		admin_set_mode(requests->admin, mode_of(config));
		return;
	}
	admin_close(requests->admin);
	requests->admin = admin_open(requests->loop, path, mode_of(config),
	                             on_line, requests);
	if (requests->admin)
		log_info("admin socket", LOG_FIELDS(log_text("path", path)));
}

void requests_step(struct requests *requests)
{
	const struct generation *current = requests->succession->current;

	if (!current || current->number == requests->generation)
		return;
	requests->generation = current->number;
	open_socket(requests, current->snapshot->config);
}

void requests_close(struct requests *requests)
{
	admin_close(requests->admin);
	requests_forget(requests);
}

void requests_forget(struct requests *requests)
{
	inquiry_forget_all(&requests->inquiries);
	admin_forget(requests->admin);
}
