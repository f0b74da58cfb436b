/* SPDX-License-Identifier: Apache-2.0 */
#include "commands/can_topic.h"

#include <stdio.h>
#include <string.h>

#include "commands/can_channel.h"
#include "commands/command.h"
#include "mqtt/filter.h"
#include "mqtt/topic.h"
#include "mqtt/utf8.h"
#include "policy/client_id.h"

#define ID_BYTES 65535
#define SESSION "SESSION" /* stands for what is new for each session */

/* Why nobody is anybody in particular there; NULL: there are users. */
static const char *find_anonymity(const struct can_topic *can)
{
	if (config_asks_certificates(can->config))
		return NULL;
	if (can->route->config->kind != CONFIG_KIND_MQTT)
		return "pages of this kind of route bring no login";
	if (can->route->upstream->inject)
		return "the upstream has inject = true, so nobody verifies "
		       "user names";
	return NULL;
}

static int refuse_client_id(const struct can_topic *can,
                            const struct client_id_rule *rule)
{
	const char *setting = can->route->config->client_id.value;
	const struct acl_subject *subject = &can->subject;

	printf("refused (client_id): ");
	if (rule->uses_user && subject->user.len == 0)
		printf("client_id = \"%s\" wants a user\n", setting);
	else
		printf("client id \"%.*s\" does not go with client_id = "
		       "\"%s\"\n",
		       (int)subject->client.len,
		       (const char *)subject->client.data, setting);
	return COMMAND_FAILED;
}

/*
 * Puts what the broker gets to see as client id into the subject. Without
 * --client there is no saying whether it would be taken.
 */
static int apply_client_id(struct can_topic *can,
                           const struct client_id_rule *rule, char *buffer)
{
	struct acl_subject *subject = &can->subject;
	struct client_id_values values = { .user = subject->user,
		                           .client = subject->client,
		                           .session =
		                               slice_from_text(SESSION) };
	bool wants_client =
	    rule->kind == CLIENT_ID_KIND_MATCH || rule->uses_client;

	if (subject->client.len == 0 && wants_client)
		return COMMAND_OK;
	if (!client_id_apply(rule, &values, buffer, ID_BYTES, &subject->client))
		return refuse_client_id(can, rule);
	return COMMAND_OK;
}

static void say_client_id(const struct can_topic *can,
                          const struct client_id_rule *rule)
{
	struct slice id = can->subject.client;

	if (rule->kind == CLIENT_ID_KIND_REWRITE && id.len > 0)
		printf("the client id becomes \"%.*s\"%s\n", (int)id.len,
		       (const char *)id.data,
		       rule->uses_session
		           ? " with something new for each session as " SESSION
		           : "");
}

static size_t count_levels(struct slice text)
{
	struct mqtt_topic_levels levels = mqtt_topic_levels(text);
	struct slice level;
	size_t count = 0;

	while (mqtt_topic_next(&levels, &level))
		count++;
	return count;
}

/* What is wrong with topics and filters alike; NULL: nothing. */
static const char *find_text_fault(struct slice text)
{
	if (text.len == 0)
		return "it is empty";
	if (text.len > MQTT_TOPIC_BYTES)
		return "it is longer than 65535 bytes";
	if (!mqtt_utf8_is_string(text))
		return "it holds a control character, or bytes that are no "
		       "UTF-8";
	if (count_levels(text) > MQTT_TOPIC_LEVELS)
		return "it has more than 128 levels";
	return NULL;
}

static const char *find_topic_fault(struct slice topic)
{
	const char *fault = find_text_fault(topic);

	if (fault || mqtt_topic_is_name(topic))
		return fault;
	return "+ and # stand in filters only";
}

static const char *find_filter_fault(struct slice filter)
{
	const char *fault = find_text_fault(filter);
	struct slice group, inner;

	if (fault ||
	    mqtt_filter_read(filter, &group, &inner) != MQTT_FILTER_MALFORMED)
		return fault;
	if (mqtt_filter_split(filter, &group, &inner) == MQTT_FILTER_PLAIN)
		return "+ and # stand alone in their level, # only at the end";
	return "a shared subscription is $share/GROUP/FILTER, GROUP without + "
	       "and #, FILTER a good one";
}

static int refuse_malformed(const struct can_topic *can)
{
	const char *fault = can->question == CAN_SUBSCRIBE
	                        ? find_filter_fault(can->topic)
	                        : find_topic_fault(can->topic);

	if (!fault)
		return COMMAND_OK;
	printf("refused (malformed): this is no %s, and ends the session: "
	       "%s\n",
	       can->question == CAN_SUBSCRIBE ? "topic filter" : "topic",
	       fault);
	return COMMAND_FAILED;
}

static struct acl_verdict judge(const struct can_topic *can,
                                const struct acl_grant *grant)
{
	switch (can->question) {
	case CAN_PUBLISH:
		return acl_may_publish(grant, can->topic, false);
	case CAN_RETAIN:
		return acl_may_publish(grant, can->topic, true);
	case CAN_SUBSCRIBE:
		return acl_may_subscribe(grant, can->topic);
	case CAN_RECEIVE:
		break;
	}
	return acl_may_receive(grant, can->topic);
}

static const struct config_text *find_rule(const struct config_acl *acl,
                                           const struct rule *rule)
{
	for (size_t i = 0; i < acl->rules.count; i++) {
		const char *text = acl->rules.list[i].value;

		if ((const uint8_t *)text == rule->text.data)
			return &acl->rules.list[i];
	}
	return NULL;
}

/* Rules that had no say, since nobody told the value of their variables. */
static void say_void(const struct can_topic *can, const struct config_acl *acl)
{
	bool misses_user = false;
	bool misses_client = false;

	for (size_t i = 0; i < acl->rules.count; i++) {
		struct slice text = slice_from_text(acl->rules.list[i].value);
		struct rule rule;

		if (rule_read(text, &rule) != RULE_FINE || rule.is_deny)
			continue;
		misses_user |= rule.uses_user && can->subject.user.len == 0;
		misses_client |=
		    rule.uses_client && can->subject.client.len == 0;
	}
	if (misses_user)
		printf("rules with ${user} were left out: there is no user\n");
	if (misses_client)
		printf("rules with ${client} were left out: there is no "
		       "client id\n");
}

static int say_verdict(const struct can_topic *can,
                       const struct config_acl *acl,
                       const struct acl_grant *grant)
{
	struct acl_verdict verdict = judge(can, grant);
	const struct config_text *rule =
	    verdict.rule ? find_rule(acl, verdict.rule) : NULL;
	const char *what = "it";

	if (can->question == CAN_RETAIN &&
	    acl_may_publish(grant, can->topic, false).is_allowed)
		what = "the retain flag there, though pub is allowed";
	if (rule) {
		command_print_entry(verdict.is_allowed ? "allowed by the rule"
		                                       : "refused by the rule",
		                    rule);
		printf("\n");
	} else {
		printf("refused: no rule of ACL \"%s\" allows %s\n",
		       acl->name.value, what);
		say_void(can, acl);
	}
	return verdict.is_allowed ? COMMAND_OK : COMMAND_FAILED;
}

static int ask_acl(const struct can_topic *can, const struct config_acl *config)
{
	struct acl_grant grant;
	int code;

	if (!acl_grant_init(&grant, can->route->acl, &can->subject)) {
		fputs("postern: out of memory\n", stderr);
		return COMMAND_FAILED;
	}
	code = say_verdict(can, config, &grant);
	acl_grant_finish(&grant);
	return code;
}

static bool is_publish(const struct can_topic *can)
{
	return can->question == CAN_PUBLISH || can->question == CAN_RETAIN;
}

static int decide(const struct can_topic *can)
{
	const struct config_acl *acl =
	    config_find_acl(can->config, can->route->config);
	int code = refuse_malformed(can);

	if (code != COMMAND_OK)
		return code;
	if (!can_channel(can))
		return COMMAND_FAILED;
	if (can->route->config->read_only && is_publish(can)) {
		printf("refused: route \"%s\" has read_only = true\n",
		       can->route->config->path.value);
		return COMMAND_FAILED;
	}
	if (acl)
		return ask_acl(can, acl);
	printf("allowed: route \"%s\" has no ACL, only the broker decides\n",
	       can->route->config->path.value);
	return COMMAND_OK;
}

int can_topic(struct can_topic *can)
{
	const struct client_id_rule *rule = &can->route->client_id;
	bool had_user = can->subject.user.len > 0;
	const char *anonymity = find_anonymity(can);
	char id[ID_BYTES];
	int code;

	if (anonymity)
		can->subject.user.len = 0;
	code = apply_client_id(can, rule, id);
	if (code == COMMAND_OK) {
		code = decide(can);
		say_client_id(can, rule);
	}
	if (had_user && anonymity)
		printf("--user counts for nothing here: %s\n", anonymity);
	return code;
}
