/* SPDX-License-Identifier: Apache-2.0 */
#include "process/notices.h"

#include "base/log.h"
#include "tls/facts.h"
#include "tls/listener.h"

struct shown {
	const char *listener;
	struct tls_facts facts;
	uint64_t now_s;
};

typedef void on_shown(struct notices *notices, const struct shown *shown);

static void each_of(struct notices *notices,
                    const struct generation *generation, size_t listener,
                    uint64_t now_s, on_shown *tell)
{
	const struct tls_listener *tls = generation->snapshot->tls[listener];
	size_t count = tls ? tls_listener_count(tls) : 0;

	for (size_t i = 0; i < count; i++) {
		const struct shown shown = {
			.listener = generation->set.list[listener]->name,
			.facts = tls_listener_facts(tls, i),
			.now_s = now_s,
		};

		tell(notices, &shown);
	}
}

static void each(struct notices *notices, const struct generation *generation,
                 uint64_t now_s, on_shown *tell)
{
	size_t count = generation->snapshot->config->listener_count;

	for (size_t i = 0; i < count; i++)
		each_of(notices, generation, i, now_s, tell);
}

static void tell_facts(struct notices *notices, const struct shown *shown)
{
	const struct tls_facts *facts = &shown->facts;

	(void)notices;
	log_info("certificate",
	         LOG_FIELDS(log_text("listener", shown->listener),
	                    log_text("names", facts->names),
	                    log_text("issuer", facts->issuer),
	                    log_number("days", tls_expiry_days(facts->end_s,
	                                                       shown->now_s))));
}

static enum tls_expiry due(struct notices *notices, const struct shown *shown)
{
	return tls_expiry_tell(&notices->told, shown->facts.print,
	                       shown->facts.end_s, shown->now_s);
}

static void count_as_told(struct notices *notices, const struct shown *shown)
{
	(void)due(notices, shown);
}

static void warn(struct notices *notices, const struct shown *shown)
{
	const struct tls_facts *facts = &shown->facts;
	enum tls_expiry stage = due(notices, shown);

	if (stage == TLS_EXPIRY_FAR)
		return;
	log_warning(
	    stage == TLS_EXPIRY_OVER ? "certificate has expired"
	                             : "certificate expires soon",
	    LOG_FIELDS(
	        log_text("listener", shown->listener),
	        log_text("names", facts->names),
	        log_number("days", tls_expiry_days(facts->end_s, shown->now_s)),
	        log_number("not_after", facts->end_s)));
}

void notices_begin(struct notices *notices, const struct generation *generation,
                   uint64_t now_s)
{
	each(notices, generation, now_s, tell_facts);
	each(notices, generation, now_s, count_as_told);
}

void notices_change(struct notices *notices,
                    const struct generation *generation, size_t listener,
                    bool is_loaded, uint64_t now_s)
{
	each_of(notices, generation, listener, now_s, tell_facts);
	each_of(notices, generation, listener, now_s,
	        is_loaded ? count_as_told : warn);
}

void notices_look(struct notices *notices, const struct generation *generation,
                  uint64_t now_s)
{
	each(notices, generation, now_s, warn);
}
