/* SPDX-License-Identifier: Apache-2.0 */
#include "policy/review_will.h"

#include "policy/reach.h"
#include "policy/review_topic.h"
#include "policy/variable.h"

#define LONGEST_PAYLOAD 65535 /* [MQTT5 3.1.3.4] */

/* What a text of the will is made of. */
struct variables {
	bool is_any;
	bool is_bad;
	bool is_user;
};

static struct variables find_variables(const char *text)
{
	struct slice rest = slice_from_text(text);
	struct variables found = { .is_any = false };
	struct variable_piece piece;

	while (variable_next(&rest, &piece)) {
		switch (piece.variable) {
		case VARIABLE_NONE:
			continue;
		case VARIABLE_USER:
			found.is_user = true;
			break;
		case VARIABLE_CLIENT:
		case VARIABLE_SESSION:
			break;
		case VARIABLE_CLAIM:
		case VARIABLE_UNKNOWN:
		case VARIABLE_UNCLOSED:
			found.is_bad = true;
			break;
		}
		found.is_any = true;
	}
	return found;
}

/* Pages bring no login: only certificates tell who is there. */
static void review_text(const struct config *config,
                        const struct config_text *text, const char *name,
                        struct problems *problems)
{
	struct variables found = find_variables(text->value);

	if (found.is_bad)
		problem_error(problems, text->place,
		              "%s of the will: \"%.120s\" has an unknown "
		              "variable: there are ${user}, ${client} and "
		              "${session}",
		              name, text->value);
	if (found.is_user && !config_asks_certificates(config))
		problem_warning(problems, text->place,
		                "%s of the will: \"%.120s\": nobody has a "
		                "${user} on this route; use ${client} or "
		                "${session}",
		                name, text->value);
}

static void review_payload(const struct config *config,
                           const struct config_text *payload,
                           struct problems *problems)
{
	if (slice_from_text(payload->value).len > LONGEST_PAYLOAD)
		problem_error(problems, payload->place,
		              "payload of the will: MQTT takes up to %d bytes",
		              LONGEST_PAYLOAD);
	review_text(config, payload, "payload", problems);
}

/* A topic with variables may turn out as one that is allowed. */
static void review_rights(const struct config *config,
                          const struct config_route *route,
                          struct problems *problems)
{
	const struct config_acl *acl = config_find_acl(config, route);
	const struct config_will *will = &route->will;
	struct slice topic = slice_from_text(will->topic.value);
	struct reach reach;

	if (!acl || find_variables(will->topic.value).is_any ||
	    !reach_init(&reach, acl))
		return;
	if (!acl_may_publish(&reach.grant, topic, will->retain).is_allowed)
		problem_warning(problems, will->topic.place,
		                "ACL \"%.60s\" never allows to publish%s to "
		                "\"%.120s\": no session may leave this will",
		                route->acl.value,
		                will->retain ? " and retain" : "",
		                will->topic.value);
	reach_finish(&reach);
}

void review_will(const struct config *config, const struct config_route *route,
                 struct problems *problems)
{
	const struct config_will *will = &route->will;

	if (!will->is_set)
		return;
	review_payload(config, &will->payload, problems);
	if (!will->topic.value)
		return;
	review_text(config, &will->topic, "topic", problems);
	if (route->read_only)
		problem_error(problems, will->topic.place,
		              "a will is published, and read_only = true lets "
		              "nobody publish: drop one of them");
	if (review_topic(&will->topic, "topic of the will", problems))
		review_rights(config, route, problems);
}
