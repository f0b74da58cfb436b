/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Broker addresses: what is one, and which is tried first.
 */
#include <arpa/inet.h>
#include <netinet/in.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <sys/un.h>

#include <cmocka.h>

#include "upstream/target.h"

#define SERVERS_MAX 4

struct fixture {
	struct config_text list[SERVERS_MAX];
	struct config_upstream config;
	struct problems problems;
	struct upstream *upstream;
};

static void read_all(struct fixture *f, const char *const *urls)
{
	struct config_text server_name = f->config.tls.server_name;

	memset(f, 0, sizeof *f);
	f->config.tls.server_name = server_name;
	problems_init(&f->problems);
	for (; urls[f->config.servers.count]; f->config.servers.count++)
		f->list[f->config.servers.count].value =
		    (char *)(uintptr_t)urls[f->config.servers.count];
	f->config.servers.list = f->list;
	f->upstream = upstream_create(&f->config, &f->problems);
}

static void done(struct fixture *f)
{
	upstream_destroy(f->upstream);
	problems_finish(&f->problems);
}

static void names_keep_their_text_and_port_1883(void **state)
{
	static const char *const urls[] = { "mqtt://broker-a", NULL };
	struct fixture f = { 0 };

	(void)state;
	read_all(&f, urls);
	assert_non_null(f.upstream);
	assert_string_equal(f.upstream->targets[0].host, "broker-a");
	assert_int_equal(f.upstream->targets[0].port, 1883);
	done(&f);
}

static void addresses_need_no_look_up(void **state)
{
	static const char *const urls[] = { "mqtt://10.0.0.6:1884",
		                            "mqtt://[::1]:1885",
		                            "unix:/run/broker.sock", NULL };
	struct fixture f = { 0 };

	(void)state;
	read_all(&f, urls);
	assert_non_null(f.upstream);
	for (int i = 0; i < 3; i++)
		assert_null(f.upstream->targets[i].host);

	const struct sockaddr_in *in =
	    (const void *)&f.upstream->targets[0].address;
	const struct sockaddr_in6 *in6 =
	    (const void *)&f.upstream->targets[1].address;
	const struct sockaddr_un *un =
	    (const void *)&f.upstream->targets[2].address;

	assert_int_equal(in->sin_family, AF_INET);
	assert_int_equal(ntohl(in->sin_addr.s_addr), 0x0a000006);
	assert_int_equal(ntohs(in->sin_port), 1884);
	assert_int_equal(in6->sin6_family, AF_INET6);
	assert_int_equal(in6->sin6_addr.s6_addr[15], 1);
	assert_int_equal(ntohs(in6->sin6_port), 1885);
	assert_int_equal(un->sun_family, AF_UNIX);
	assert_string_equal(un->sun_path, "/run/broker.sock");
	done(&f);
}

static void tls_has_port_8883_and_a_name_to_be_certified(void **state)
{
	static const struct {
		const char *url;
		const char *host;
		uint16_t port;
		const char *name;
	} rows[] = {
		{ "mqtts://broker-a", "broker-a", 8883, "broker-a" },
		{ "mqtts://broker-a.:8884", "broker-a.", 8884, "broker-a" },
		{ "mqtts://10.0.0.6", NULL, 8883, "10.0.0.6" },
		{ "mqtts://[::1]:8884", NULL, 8884, "::1" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		const char *const urls[] = { rows[i].url, NULL };
		struct fixture f = { 0 };

		read_all(&f, urls);
		assert_non_null(f.upstream);
		assert_true(upstream_has_tls(f.upstream));

		const struct target *target = &f.upstream->targets[0];

		if (rows[i].host)
			assert_string_equal(target->host, rows[i].host);
		else
			assert_null(target->host);
		assert_int_equal(target->port, rows[i].port);
		assert_string_equal(target->server_name, rows[i].name);
		done(&f);
	}
}

static void server_name_is_in_place_of_the_host(void **state)
{
	static const char *const urls[] = { "mqtts://10.0.0.6", "mqtt://b",
		                            NULL };
	struct fixture f = { 0 };

	(void)state;
	f.config.tls.server_name.value = (char *)(uintptr_t) "broker.example";
	read_all(&f, urls);
	assert_non_null(f.upstream);
	assert_string_equal(f.upstream->targets[0].server_name,
	                    "broker.example");
	assert_null(f.upstream->targets[1].server_name);
	done(&f);
}

static void server_name_is_a_name_or_an_address(void **state)
{
	static const char *const urls[] = { "mqtts://10.0.0.6", NULL };
	static const struct {
		const char *name;
		bool is_good;
	} rows[] = {
		{ "broker", true },       { "10.0.0.7", true },
		{ "fd00::1", true },      { "mqtts://broker", false },
		{ "broker:8883", false }, { "*.example.com", false },
	};

	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		struct fixture f = { 0 };

		f.config.tls.server_name.value =
		    (char *)(uintptr_t)rows[i].name;
		read_all(&f, urls);
		if ((f.upstream != NULL) != rows[i].is_good)
			fail_msg("%s", rows[i].name);
		done(&f);
	}
}

static void what_is_no_address_is_an_error(void **state)
{
	static const char *const bad[] = {
		"",
		"broker",
		"broker:1883",
		"tcp://broker",
		"mqtt:broker",
		"mqtt://",
		"mqtt://:1883",
		"mqtt://broker:",
		"mqtt://broker:0",
		"mqtt://broker:65536",
		"mqtt://broker:+1",
		"mqtt://broker:1x",
		"mqtt://broker/path",
		"mqtt://user@broker",
		"mqtt://bro ker",
		"mqtt://::1",
		"mqtt://[::1",
		"mqtt://[]",
		"mqtt://[::1]x",
		"mqtt://[10.0.0.6]",
		"mqtts://",
		"mqtts://:8883",
		"mqtts:broker",
		"MQTTS://broker",
		"unix:",
		"unix:relative",
	};

	(void)state;
	for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
		const char *const urls[] = { bad[i], NULL };
		struct fixture f = { 0 };

		read_all(&f, urls);
		if (f.upstream)
			fail_msg("accepted: %s", bad[i]);
		assert_int_equal(f.problems.errors, 1);
		done(&f);
	}
}

static void all_wrong_servers_are_told_at_once(void **state)
{
	static const char *const urls[] = { "one", "mqtt://good", "two", NULL };
	struct fixture f = { 0 };

	(void)state;
	read_all(&f, urls);
	assert_null(f.upstream);
	assert_int_equal(f.problems.errors, 2);
	done(&f);
}

static void a_server_that_failed_is_last_for_ten_seconds(void **state)
{
	static const char *const urls[] = { "mqtt://a", "mqtt://b", "mqtt://c",
		                            NULL };
	struct fixture f = { 0 };
	size_t order[SERVERS_MAX];

	(void)state;
	read_all(&f, urls);
	f.upstream->targets[0].failed_at_ms = 50000;
	upstream_order(f.upstream, 59999, order);
	assert_int_equal(order[0], 1);
	assert_int_equal(order[1], 2);
	assert_int_equal(order[2], 0);
	upstream_order(f.upstream, 60000, order);
	assert_int_equal(order[0], 0);
	done(&f);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(names_keep_their_text_and_port_1883),
		cmocka_unit_test(addresses_need_no_look_up),
		cmocka_unit_test(tls_has_port_8883_and_a_name_to_be_certified),
		cmocka_unit_test(server_name_is_in_place_of_the_host),
		cmocka_unit_test(server_name_is_a_name_or_an_address),
		cmocka_unit_test(what_is_no_address_is_an_error),
		cmocka_unit_test(all_wrong_servers_are_told_at_once),
		cmocka_unit_test(a_server_that_failed_is_last_for_ten_seconds),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
