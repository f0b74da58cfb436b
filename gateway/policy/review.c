/* SPDX-License-Identifier: Apache-2.0 */
#include "policy/review.h"

#include "mqtt/utf8.h"
#include "policy/review_acl.h"
#include "policy/review_channel.h"
#include "policy/review_client_id.h"
#include "policy/review_origin.h"
#include "policy/review_will.h"

#define LONGEST_STRING 65535 /* [MQTT5 1.5.4] */

static void review_username(const struct config_text *username,
                            struct problems *problems)
{
	struct slice name;

	if (!username->value)
		return;
	name = slice_from_text(username->value);
	if (name.len > LONGEST_STRING || !mqtt_utf8_is_string(name))
		problem_error(problems, username->place,
		              "username: MQTT takes up to %d bytes of UTF-8",
		              LONGEST_STRING);
}

void review_config(const struct config *config, struct problems *problems)
{
	for (size_t i = 0; i < config->listener_count; i++)
		review_origin_listener(&config->listeners[i], problems);
	for (size_t i = 0; i < config->upstream_count; i++)
		review_username(&config->upstreams[i].username, problems);
	for (size_t i = 0; i < config->acl_count; i++)
		review_acl(config, &config->acls[i], problems);
	for (size_t i = 0; i < config->route_count; i++) {
		review_origin_route(config, &config->routes[i], problems);
		review_client_id(config, &config->routes[i], problems);
		review_channel(config, &config->routes[i], problems);
		review_will(config, &config->routes[i], problems);
	}
}
