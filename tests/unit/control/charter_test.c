/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#include "config/config.h"
#include "config/load.h"
#include "control/charter.h"

#define LISTENERS                                                              \
	"listeners = ( { address = \"0.0.0.0\"; port = 8084; public_urls = "   \
	"[\"https://plant.example.com:8084\"]; }, { address = \"::1\"; "       \
	"port = 8083; } );"
#define UPSTREAMS                                                              \
	"upstreams = ( { name = \"plant\"; servers = [\"mqtt://a\"]; }, "      \
	"{ name = \"own\"; servers = [\"mqtt://b\"]; username = \"web\"; "     \
	"inject = true; } );"
#define ACLS                                                                   \
	"acls = ( { name = \"dashboard\"; rules = [\"allow sub factory/#\", "  \
	"\"deny sub factory/secret/#\", \"allow pub factory/+/note\"]; }, "    \
	"{ name = \"none\"; rules = []; }, "                                   \
	"{ name = \"look\"; rules = [\"allow sub a b\", \"allow sub "          \
	"$share/g/c\", \"deny pub,sub d\", \"deny sub e\"]; }, "               \
	"{ name = \"own\"; rules = [\"allow pub,retain,sub "                   \
	"users/${user}/#\", \"allow pub ${client}\", \"deny pub,retain "       \
	"users/+/lock\"]; } );"

/* What is said of a route that has these settings beside its path. */
static void expect(const char *settings, const char *expected)
{
	char *configuration = NULL;
	char *text = NULL;
	size_t len = 0;
	struct problems problems;

	assert_true(asprintf(&configuration,
	                     LISTENERS UPSTREAMS ACLS
	                     "routes = ( { path = \"/mqtt\"; %s } );",
	                     settings) > 0);
	problems_init(&problems);

	struct config *config = config_load_text("f", configuration, &problems);
	FILE *out = open_memstream(&text, &len);

	problems_print(&problems, stdout);
	assert_int_equal(problems.errors, 0);
	assert_non_null(config);
	charter_write(out, config, &config->routes[0]);
	fclose(out);
	assert_string_equal(text, expected);
	free(text);
	free(configuration);
	config_unload(config);
	problems_finish(&problems);
}

static void a_dashboard_with_rules(void **state)
{
	(void)state;
	expect("upstream = \"plant\"; origins = [\"https://dash.example.com\", "
	       "\"self\"]; acl = \"dashboard\";",
	       "/mqtt (mqtt) leads to upstream plant. Pages of "
	       "https://dash.example.com may connect; so may pages of the "
	       "listener's own URLs (https://plant.example.com:8084). "
	       "Clients that send no Origin are refused. They may subscribe "
	       "to factory/#, but not factory/secret/#; they may publish to "
	       "factory/+/note; they may leave no retained messages; "
	       "nothing else. What the broker delivers to them is judged by "
	       "the same rules. They log in at the broker with what they "
	       "send themselves. They choose their client id. The broker "
	       "may keep a session that has ended. At most: 64 "
	       "subscriptions of one session. No message from them is "
	       "logged.");
}

static void whoever_comes_gets_the_login_of_the_gateway(void **state)
{
	(void)state;
	expect("upstream = \"own\"; origins = [\"https://*.example.com\", "
	       "\"http://localhost:*\", \"https://a.example\", \"null\"]; "
	       "absent = \"allow\"; acl = \"own\"; anonymous = true; "
	       "audit = \"publish\"; persistent = false; "
	       "client_id = \"rewrite:web-${client}-${session}\"; "
	       "limits = { sessions = 500; sessions_per_address = 5; "
	       "messages_per_s = 10; bytes_per_s = 65536; subscribes_per_s = "
	       "3; subscriptions = 0; packet_bytes = 1000; };",
	       "/mqtt (mqtt) leads to upstream own. Pages of "
	       "https://*.example.com (any name below that), "
	       "http://localhost:* (any port) and https://a.example may "
	       "connect; so may pages without an origin (files, sandboxed "
	       "frames). Clients that send no Origin (programs that are no "
	       "browsers) may connect. They may subscribe to "
	       "users/${user}/#; they may publish to users/${user}/# and "
	       "${client}, but not users/+/lock; they may leave retained "
	       "messages on users/${user}/#, but not users/+/lock; nothing "
	       "else. What the broker delivers to them is judged by the "
	       "same rules. ${user} is the user name that a client is "
	       "logged in with, or the subject of its certificate. ${client} "
	       "is its client id at the broker. "
	       "Everybody logs in at the broker as \"web\": whoever can reach "
	       "the port has this login. Their client id at the broker is "
	       "\"web-${client}-${session}\", ${client} being their own, "
	       "${session} new each time. The broker keeps nothing of a "
	       "session that has ended. At most: 500 sessions, 5 sessions "
	       "from one address, 10 messages a second, 65536 bytes a "
	       "second, 3 SUBSCRIBE packets a second, 1000 bytes in a "
	       "packet. Each message from them is logged.");
}

static void a_door_for_everybody(void **state)
{
	(void)state;
	expect("upstream = \"plant\"; origins = [\"*\", \"null\"]; "
	       "allow_any_origin = true; absent = \"token\"; "
	       "client_id = \"match:${user}-${client}\"; "
	       "audit = \"refused\"; limits = { subscriptions = 0; };",
	       "/mqtt (mqtt) leads to upstream plant. Every page there is "
	       "may connect; so may pages without an origin (files, "
	       "sandboxed frames). Clients that send no Origin may connect "
	       "with a token only. They may publish and subscribe to "
	       "whatever the broker lets them: there are no rules. They log "
	       "in at the broker with what they send themselves. Their "
	       "client id must have the form \"${user}-${client}\". The "
	       "broker may keep a session that has ended. Each refused "
	       "message from them is logged.");
}

static void a_door_that_only_shows(void **state)
{
	(void)state;
	expect("upstream = \"plant\"; origins = [\"self\"]; "
	       "read_only = true;",
	       "/mqtt (mqtt) leads to upstream plant. Pages of the "
	       "listener's own URLs (https://plant.example.com:8084) may "
	       "connect. Clients that send no Origin are refused. They may "
	       "subscribe to whatever the broker lets them, and publish "
	       "nothing. They log in at the broker with what they send "
	       "themselves. They choose their client id. The broker may "
	       "keep a session that has ended. At most: 64 subscriptions of "
	       "one session. No message from them is logged.");
	expect("upstream = \"plant\"; origins = [\"null\"]; "
	       "read_only = true; acl = \"dashboard\";",
	       "/mqtt (mqtt) leads to upstream plant. Pages without an "
	       "origin (files, sandboxed frames) may connect. Clients that "
	       "send no Origin are refused. They may subscribe to "
	       "factory/#, but not factory/secret/#; they may publish "
	       "nothing; nothing else. What the broker delivers to them is "
	       "judged by the same rules. They log in at the broker with "
	       "what they send themselves. They choose their client id. The "
	       "broker may keep a session that has ended. At most: 64 "
	       "subscriptions of one session. No message from them is "
	       "logged.");
}

static void rules_of_one_side_only(void **state)
{
	(void)state;
	expect("upstream = \"plant\"; acl = \"look\";",
	       "/mqtt (mqtt) leads to upstream plant. No page may connect. "
	       "Clients that send no Origin are refused. They may subscribe "
	       "to a b and $share/g/c, but not d or e; they may publish "
	       "nothing; nothing else. What the broker delivers to them is "
	       "judged by the same rules. They log in at the broker with "
	       "what they send themselves. They choose their client id. The "
	       "broker may keep a session that has ended. At most: 64 "
	       "subscriptions of one session. No message from them is "
	       "logged.");
	expect("upstream = \"plant\"; acl = \"none\";",
	       "/mqtt (mqtt) leads to upstream plant. No page may connect. "
	       "Clients that send no Origin are refused. They may neither "
	       "subscribe nor publish: no rule allows anything. They log in "
	       "at the broker with what they send themselves. They choose "
	       "their client id. The broker may keep a session that has "
	       "ended. At most: 64 subscriptions of one session. No message "
	       "from them is logged.");
}

static void pages_without_mqtt(void **state)
{
	(void)state;
	expect("kind = \"json\"; upstream = \"plant\"; origins = "
	       "[\"self\"]; acl = \"dashboard\"; will = { topic = "
	       "\"pages/${client}/gone\"; qos = 1; retain = true; };",
	       "/mqtt (json) leads to upstream plant. Pages of the "
	       "listener's own URLs (https://plant.example.com:8084) may "
	       "connect. Clients that send no Origin are refused. They may "
	       "subscribe to factory/#, but not factory/secret/#; they may "
	       "publish to factory/+/note; they may leave no retained "
	       "messages; nothing else. What the broker delivers to them is "
	       "judged by the same rules. When one breaks off, the broker "
	       "publishes to pages/${client}/gone (QoS 1, retained). They "
	       "have no login at the broker. Each has a client id of its "
	       "own. The broker may keep a session that has ended. At most: "
	       "64 subscriptions of one session, 1048576 bytes in a packet. "
	       "No message from them is logged.");
	expect("kind = \"channel\"; upstream = \"plant\"; origins = "
	       "[\"self\"]; publish = \"chat/lobby\"; subscribe = "
	       "[\"chat/lobby\", \"chat/news\", \"chat/+/all\"];",
	       "/mqtt (channel) leads to upstream plant. Pages of the "
	       "listener's own URLs (https://plant.example.com:8084) may "
	       "connect. Clients that send no Origin are refused. What they "
	       "send is published to chat/lobby (QoS 1). They get the "
	       "messages of chat/lobby, chat/news and chat/+/all (QoS 1). "
	       "They have no login at the broker. Each has a client id of "
	       "its own. The broker may keep a session that has ended. At "
	       "most: 64 subscriptions of one session, 1048576 bytes in a "
	       "packet. No message from them is logged.");
	expect("kind = \"channel\"; upstream = \"own\"; origins = "
	       "[\"self\"]; subscribe = [\"chat/lobby\"]; qos = 0; "
	       "acl = \"dashboard\"; anonymous = true;",
	       "/mqtt (channel) leads to upstream own. Pages of the "
	       "listener's own URLs (https://plant.example.com:8084) may "
	       "connect. Clients that send no Origin are refused. What they "
	       "send is refused. They get the messages of chat/lobby (QoS "
	       "0). All that only as far as the rules go. They may "
	       "subscribe to factory/#, but not factory/secret/#; they may "
	       "publish to factory/+/note; they may leave no retained "
	       "messages; nothing else. What the broker delivers to them is "
	       "judged by the same rules. Everybody logs in at the broker "
	       "as \"web\": whoever can reach the port has this login. Each "
	       "has a client id of its own. The broker may keep a session "
	       "that has ended. At most: 64 subscriptions of one session, "
	       "1048576 bytes in a packet. No message from them is logged.");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_dashboard_with_rules),
		cmocka_unit_test(whoever_comes_gets_the_login_of_the_gateway),
		cmocka_unit_test(a_door_for_everybody),
		cmocka_unit_test(a_door_that_only_shows),
		cmocka_unit_test(rules_of_one_side_only),
		cmocka_unit_test(pages_without_mqtt),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
