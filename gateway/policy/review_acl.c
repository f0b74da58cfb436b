/* SPDX-License-Identifier: Apache-2.0 */
#include "policy/review_acl.h"

#include "base/slice.h"
#include "config/config.h"
#include "mqtt/filter.h"
#include "policy/rule.h"

/* A rule with its place, and the ACL that it stands in. */
struct review {
	const struct config *config;
	const struct config_acl *acl;
	const struct config_text *text;
	struct rule rule;
	struct problems *problems;
};

static bool read_at(const struct config_acl *acl, size_t index,
                    struct rule *rule)
{
	struct slice text = slice_from_text(acl->rules.list[index].value);

	return rule_read(text, rule) == RULE_FINE;
}

static void warn(const struct review *review, const char *what)
{
	problem_warning(review->problems, review->text->place,
	                "rule \"%.120s\" %s", review->text->value, what);
}

static void warn_on(const struct review *review,
                    const struct config_route *route, const char *what)
{
	problem_warning(review->problems, review->text->place,
	                "rule \"%.120s\": on route \"%.60s\" %s",
	                review->text->value,
	                route->path.value ? route->path.value : "", what);
}

/* Whether another allow may let pass what this one lets be retained. */
static bool has_publish_beside(const struct review *review)
{
	for (size_t i = 0; i < review->acl->rules.count; i++) {
		struct rule other;

		if (!read_at(review->acl, i, &other))
			return true;
		if (other.is_deny || !other.is_pub)
			continue;
		if (rule_has_variables(&other) ||
		    rule_has_variables(&review->rule) ||
		    mqtt_filter_overlaps(other.filter, review->rule.filter))
			return true;
	}
	return false;
}

static void review_alone(const struct review *review)
{
	const struct rule *rule = &review->rule;

	if (rule->is_deny)
		return;
	if (rule_names_control(rule))
		warn(review,
		     "reaches $CONTROL, where the broker's own accounts and "
		     "rights are changed");
	if (rule->is_retain && !rule->is_pub && !has_publish_beside(review))
		warn(review, "never applies: retain goes with a pub for the "
		             "same topics, as in \"allow pub,retain a/b\"");
}

static bool is_injected(const struct config *config,
                        const struct config_route *route)
{
	const struct config_upstream *upstream =
	    config_find_upstream(config, route);

	return upstream && upstream->inject;
}

/*
 * There are no claims yet; and where the gateway's login is given, or pages
 * bring none, no user but by a certificate.
 */
static bool is_missing_value(const struct review *review,
                             const struct config_route *route)
{
	return review->rule.uses_claim ||
	       (review->rule.uses_user &&
	        !config_asks_certificates(review->config) &&
	        (route->kind != CONFIG_KIND_MQTT ||
	         is_injected(review->config, route)));
}

static bool is_everything(const struct rule *rule)
{
	return rule->is_sub &&
	       (slice_is(rule->filter, "#") || slice_is(rule->filter, "+/#"));
}

/* What those get who come with no login of their own. */
static void review_open(const struct review *review,
                        const struct config_route *route)
{
	if (review->rule.is_deny || !route->anonymous ||
	    !is_injected(review->config, route))
		return;
	if (review->rule.is_pub && !route->read_only)
		warn_on(review, route,
		        "anyone who can reach this port may publish: if "
		        "nobody should, write read_only = true there");
	if (is_everything(&review->rule))
		warn_on(review, route,
		        "anyone who can reach this port may read every "
		        "topic: name the topics");
}

static void review_on(const struct review *review,
                      const struct config_route *route)
{
	if (!is_missing_value(review, route))
		review_open(review, route);
	else if (review->rule.is_deny)
		warn_on(review, route,
		        "nobody has a verified value for its variable: it "
		        "always applies there, with + in that level");
	else
		warn_on(review, route,
		        "nobody has a verified value for its variable: it "
		        "never applies there");
}

static void review_routes(const struct review *review)
{
	const struct config *config = review->config;
	bool may_publish = false;
	bool is_used = false;

	for (size_t i = 0; i < config->route_count; i++) {
		const struct config_route *route = &config->routes[i];

		if (config_find_acl(config, route) != review->acl)
			continue;
		is_used = true;
		may_publish |= !route->read_only;
		review_on(review, route);
	}
	if (is_used && !may_publish && !review->rule.is_deny &&
	    review->rule.is_pub)
		warn(review, "lets nobody publish: each route with this ACL "
		             "has read_only = true");
}

void review_acl(const struct config *config, const struct config_acl *acl,
                struct problems *problems)
{
	struct review review = { .config = config,
		                 .acl = acl,
		                 .problems = problems };
	bool may_allow = false;

	for (size_t i = 0; i < acl->rules.count; i++) {
		struct slice text = slice_from_text(acl->rules.list[i].value);
		enum rule_fault fault = rule_read(text, &review.rule);

		review.text = &acl->rules.list[i];
		may_allow |= fault != RULE_FINE || !review.rule.is_deny;
		if (fault != RULE_FINE) {
			problem_error(problems, review.text->place,
			              "rule \"%.120s\": %s", review.text->value,
			              rule_fault_text(fault));
			continue;
		}
		review_alone(&review);
		review_routes(&review);
	}
	if (!may_allow)
		problem_warning(problems, acl->place,
		                "ACL \"%.60s\" allows nothing: what no rule "
		                "allows is refused",
		                acl->name.value ? acl->name.value : "");
}
