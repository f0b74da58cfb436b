/* SPDX-License-Identifier: Apache-2.0 */
#include "front/trust.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#include "config/load.h"
#include "unit/config/expect.h"
#include "unit/proxy/address.h"

#define TEXT_BYTES 500
#define ANYWHERE "address = \"0.0.0.0\"; port = 1;"

/* Of a listener with these settings; adds to `problems`. */
static struct trust *create(const char *settings, struct problems *problems)
{
	char text[TEXT_BYTES];
	struct config *config;
	struct trust *trust;

	snprintf(text, sizeof text,
	         "listeners = ( { %s } );\n" GOOD_UPSTREAMS GOOD_ROUTES,
	         settings);
	problems_init(problems);
	config = config_load_text("f", text, problems);
	assert_non_null(config);
	trust = trust_create(&config->listeners[0], problems);
	config_unload(config);
	return trust;
}

/* There is nothing wrong with these. */
static struct trust *create_good(const char *settings)
{
	struct problems problems;
	struct trust *trust = create(settings, &problems);

	assert_non_null(trust);
	expect_counts(&problems, 0, 0);
	problems_finish(&problems);
	return trust;
}

static void expect_warnings(const char *settings, size_t count)
{
	struct problems problems;
	struct trust *trust = create(settings, &problems);

	assert_non_null(trust);
	expect_counts(&problems, 0, count);
	problems_finish(&problems);
	trust_destroy(trust);
}

static void expect_refused(const char *settings, size_t count, const char *why)
{
	struct problems problems;

	assert_null(create(settings, &problems));
	expect_counts(&problems, count, 0);
	expect_error(&problems, 1, why);
	problems_finish(&problems);
}

static bool has(const struct trust *trust, const char *host)
{
	struct sockaddr_storage address = address_of(host, 4711);

	return trust_has(trust, &address);
}

static void nobody_is_trusted_unasked(void **state)
{
	struct trust *trust = create_good(ANYWHERE);
	struct sockaddr_storage local = address_unix();

	(void)state;
	assert_false(has(trust, "127.0.0.1"));
	assert_false(has(trust, "::1"));
	assert_false(trust_has(trust, &local));
	trust_destroy(trust);
}

static void each_of_the_list_is_trusted(void **state)
{
	struct trust *trust =
	    create_good(ANYWHERE "trusted_proxies = [\"10.0.0.0/8\", "
	                         "\"2001:db8::7\", \"unix\"];");
	struct sockaddr_storage local = address_unix();

	(void)state;
	assert_true(has(trust, "10.1.2.3"));
	assert_true(has(trust, "::ffff:10.1.2.3"));
	assert_true(has(trust, "2001:db8::7"));
	assert_true(trust_has(trust, &local));
	assert_false(has(trust, "11.1.2.3"));
	assert_false(has(trust, "2001:db8::8"));
	trust_destroy(trust);
}

static void the_client_is_who_no_proxy_of_the_list_is(void **state)
{
	struct trust *trust =
	    create_good(ANYWHERE "trusted_proxies = [\"10.0.0.0/8\"];");
	struct slice value =
	    slice_from_text("192.0.2.1, 203.0.113.9, 10.0.0.7");
	struct sockaddr_storage client;

	(void)state;
	assert_true(trust_read_forwarded(trust, value, &client));
	assert_address(&client, "203.0.113.9", 0);
	value = slice_from_text("unknown");
	assert_false(trust_read_forwarded(trust, value, &client));
	assert_address(&client, "203.0.113.9", 0);
	trust_destroy(trust);
}

static void all_that_are_no_networks_are_told(void **state)
{
	(void)state;
	expect_refused(ANYWHERE "trusted_proxies = [\"nginx\", "
	                        "\"10.0.0.1/8\", \"10.0.0.0/40\"];",
	               3, "\"nginx\": write an address");
}

static void proxy_protocol_wants_proxies(void **state)
{
	(void)state;
	expect_refused(ANYWHERE "proxy_protocol = true;", 1,
	               "name the proxies");
	trust_destroy(create_good(ANYWHERE "proxy_protocol = true; "
	                                   "trusted_proxies = [\"::1\"];"));
}

#define EVERYBODY                                                              \
	"trusted_proxies = [\"0.0.0.0/0\", \"::/0\", \"::ffff:0:0/96\"];"

static void everybody_as_proxy_gets_a_warning(void **state)
{
	(void)state;
	expect_warnings(ANYWHERE EVERYBODY, 3);
	expect_warnings("address = \"192.0.2.1\"; port = 1; " EVERYBODY, 3);
}

static void everybody_on_this_machine_may_be_a_proxy(void **state)
{
	(void)state;
	expect_warnings("address = \"127.0.0.1\"; port = 1; " EVERYBODY, 0);
	expect_warnings("address = \"::1\"; port = 1; " EVERYBODY, 0);
	expect_warnings("unix = \"/run/w\"; trusted_proxies = [\"unix\"];", 0);
}

static void a_large_network_is_not_everybody(void **state)
{
	(void)state;
	expect_warnings(ANYWHERE "trusted_proxies = [\"10.0.0.0/8\", "
	                         "\"2000::/3\", \"unix\"];",
	                0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(nobody_is_trusted_unasked),
		cmocka_unit_test(each_of_the_list_is_trusted),
		cmocka_unit_test(the_client_is_who_no_proxy_of_the_list_is),
		cmocka_unit_test(all_that_are_no_networks_are_told),
		cmocka_unit_test(proxy_protocol_wants_proxies),
		cmocka_unit_test(everybody_as_proxy_gets_a_warning),
		cmocka_unit_test(everybody_on_this_machine_may_be_a_proxy),
		cmocka_unit_test(a_large_network_is_not_everybody),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
