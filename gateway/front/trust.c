/* SPDX-License-Identifier: Apache-2.0 */
#include "front/trust.h"

#include <stdlib.h>

#include "proxy/forwarded.h"
#include "proxy/network.h"

struct trust {
	size_t count;
	struct network networks[];
};

static const char *const advice[] = {
	[NETWORK_NO_ADDRESS] = "write an address, like \"10.0.0.7\", a "
	                       "network, like \"10.0.0.0/8\", or \"unix\"",
	[NETWORK_BAD_BITS] = "after the / stands how many bits all addresses "
	                     "have alike: up to 32, or 128 for IPv6",
	[NETWORK_HOST_BITS] = "the address has bits beyond those that count: "
	                      "write the first of the network, or more bits",
};

static bool read_networks(struct trust *trust, const struct config_texts *texts,
                          struct problems *problems)
{
	size_t errors = problems->errors;

	for (size_t i = 0; i < texts->count; i++) {
		const struct config_text *text = &texts->list[i];
		enum network_read seen =
		    network_read(text->value, &trust->networks[i]);

		if (seen != NETWORK_READ)
			problem_error(problems, text->place,
			              "trusted proxy \"%.60s\": %s",
			              text->value, advice[seen]);
	}
	return problems->errors == errors;
}

/* Whoever can reach such a listener can say that he is anybody. */
static void warn_of_everybody(const struct trust *trust,
                              const struct config_listener *config,
                              struct problems *problems)
{
	const struct config_texts *texts = &config->trusted_proxies;

	if (config_is_loopback(config))
		return;
	for (size_t i = 0; i < trust->count; i++) {
		if (network_is_everybody(&trust->networks[i]))
			problem_warning(
			    problems, texts->list[i].place,
			    "trusted proxy \"%s\": everybody is one, so that "
			    "whoever comes can say that he has any address; "
			    "name the addresses of your proxies",
			    texts->list[i].value);
	}
}

static bool check(const struct config_listener *config,
                  struct problems *problems)
{
	if (!config->proxy_protocol || config->trusted_proxies.count > 0)
		return true;
	problem_error(problems, config->place,
	              "proxy_protocol lets in nobody without trusted_proxies: "
	              "name the proxies there");
	return false;
}

struct trust *trust_create(const struct config_listener *config,
                           struct problems *problems)
{
	const struct config_texts *texts = &config->trusted_proxies;
	struct trust *trust =
	    calloc(1, sizeof *trust + texts->count * sizeof(struct network));

	if (!trust)
		return NULL;
	trust->count = texts->count;
	if (read_networks(trust, texts, problems) && check(config, problems)) {
		warn_of_everybody(trust, config, problems);
		return trust;
	}
	trust_destroy(trust);
	return NULL;
}

void trust_destroy(struct trust *trust)
{
	free(trust);
}

bool trust_has(const struct trust *trust,
               const struct sockaddr_storage *address)
{
	for (size_t i = 0; i < trust->count; i++) {
		if (network_has(&trust->networks[i], address))
			return true;
	}
	return false;
}

bool trust_read_forwarded(const struct trust *trust, struct slice value,
                          struct sockaddr_storage *client)
{
	return forwarded_read(value, trust->networks, trust->count, client);
}
