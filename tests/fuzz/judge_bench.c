/* SPDX-License-Identifier: Apache-2.0 */
#include "judge_bench.h"

#include "judge_laws.h"
#include "mqtt/protocol.h"
#include "policy/acl.h"

#define RULES_MAX 8

static const char *const rules[][RULES_MAX] = {
	{ NULL }, /* no ACL */
	{ NULL }, /* an empty one */
	{ "allow pub,sub a/#", "allow sub u/${user}/+", "deny sub a/secret",
	  "allow pub,retain c/${client}", "deny pub a/${user}" },
	{ "allow sub #", "allow pub +/x", "allow retain a/x" },
	{ "allow sub $share/g/a/#", "allow sub a/+", "allow pub a",
	  "deny sub a/b" },
	{ "allow pub,sub,retain #", "deny pub,sub $SYS/#" },
	{ NULL }, /* no ACL */
	{ "allow pub,sub #", "deny sub b/#" },
};

static bool has_acl(unsigned choice)
{
	return choice != 0 && choice != 6;
}

static struct acl *compile(unsigned choice)
{
	struct config_text list[RULES_MAX] = { 0 };
	struct config_acl config = { .rules = { .list = list } };
	size_t count = 0;

	for (; count < RULES_MAX && rules[choice][count]; count++)
		list[count].value = (char *)(uintptr_t)rules[choice][count];
	config.rules.count = count;
	return acl_create(&config);
}

void bench_init(struct bench *bench, const uint8_t choice[BENCH_OCTETS])
{
	static const char *const ids[] = { "any", "match:${user}-${client}",
		                           "rewrite:web-${session}",
		                           "rewrite:${user}/${client}" };
	static const uint32_t in_flight[] = { 20, 1, 3, UINT16_MAX };
	static const uint32_t held[] = { 64, 0, 1, 3 };
	static const uint32_t alive_s[] = { 300, 0, 10, UINT16_MAX };
	unsigned kind = choice[0];
	unsigned bounds = choice[1];

	*bench = (struct bench){
		.upstream = { .username = { .value =
		                                (char *)(uintptr_t) "web" },
		              .inject = kind >> 4 & 1 },
		.config = { .read_only = kind >> 3 & 1,
		            .persistent = !(kind >> 5 & 1),
		            .receive_max = in_flight[bounds & 3],
		            .max_keepalive_s = alive_s[bounds >> 4 & 3] },
	};
	bench->config.limits.subscriptions = held[bounds >> 2 & 3];
	bench->config.limits.head_bytes = bounds >> 6 & 1 ? 64 : 65536;
	bench->config.limits.packet_bytes =
	    bounds >> 7 ? 256 : MQTT_REMAINING_MAX;
	bench->route.config = &bench->config;
	bench->route.upstream = &bench->upstream;
	LAW(client_id_read(slice_from_text(ids[kind >> 6]),
	                   &bench->route.client_id) == CLIENT_ID_FINE);
	if (has_acl(kind & 7))
		bench->route.acl = compile(kind & 7);
	LAW(!has_acl(kind & 7) || bench->route.acl);
}

void bench_finish(struct bench *bench)
{
	acl_destroy(bench->route.acl);
}
