/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The answer to `postern status`: how the gateway is, and what it lets in, in
 * sentences. Text and JSON have the same facts.
 *
 * Pure: the master fills the struct in. Times are of the wall clock.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct config;
struct shared;

enum status_state {
	STATUS_SERVING = 0,
	STATUS_STARTING, /* no generation has been ready yet */
	STATUS_RELOADING,
	STATUS_DRAINING,
};

enum status_role {
	STATUS_CURRENT = 0, /* takes new browsers */
	STATUS_NEXT,        /* is being started by a reload */
	STATUS_KEEPING,     /* keeps the sessions of unchanged routes */
	STATUS_ENDING,      /* its sessions are being closed */
};

struct status_generation {
	unsigned number;
	uint64_t since_ms;
	size_t workers; /* that live */
	uint64_t sessions;
	enum status_role role;
};

struct status_certificate {
	const char *names; /* separated by ", " */
	uint64_t until_ms; /* it is valid */
};

struct status_listener {
	const char *name; /* as in the log: 0.0.0.0:8084 */
	const struct status_certificate *certificates;
	size_t certificate_count; /* 0: it speaks no TLS */
	const struct config_listener *config;
};

struct status_reload {
	uint64_t at_ms; /* 0: there was none */
	bool is_good;
	const char *why; /* it failed: one or more lines; else NULL */
};

struct status {
	const char *version;
	unsigned long pid;
	uint64_t now_ms;
	uint64_t since_ms;
	enum status_state state;
	struct status_reload reload;
	const struct status_generation *generations; /* the oldest first */
	size_t generation_count;
	const struct status_listener *listeners;
	size_t listener_count;
	const struct config *config; /* the current one */
	const struct shared *shared; /* which holds its names */
};

/* To be freed; NULL: no memory. */
char *status_text(const struct status *status);
char *status_json(const struct status *status);
