/* SPDX-License-Identifier: Apache-2.0 */
#include "tls/files.h"

#include <stddef.h>

#define OWN 2     /* certificate and key of the group itself */
#define CLIENTS 2 /* authorities and lists */

static size_t count_files(const struct config_listener_tls *config)
{
	size_t pairs = OWN + 2 * config->certificate_count;

	return config->client_certificate == CONFIG_CLIENT_CERTIFICATE_NONE
	           ? pairs
	           : pairs + CLIENTS;
}

static const char *path_of(const struct config_listener_tls *config,
                           size_t index)
{
	size_t pair = index / 2;
	const struct config_certificate *more;

	if (index < OWN)
		return index == 0 ? config->certificate.value
		                  : config->key.value;
	if (pair > config->certificate_count)
		return index % 2 == 0 ? config->client_ca.value
		                      : config->client_crl.value;
	more = &config->certificates[pair - 1];
	return index % 2 == 0 ? more->certificate.value : more->key.value;
}

static struct tls_stamp stamp_of(const struct config_listener_tls *config,
                                 size_t index)
{
	const char *path = path_of(config, index);

	return path ? tls_stamp_of_path(path) : (struct tls_stamp){ 0 };
}

struct tls_stamps tls_files_stamps(const struct config_listener_tls *config)
{
	struct tls_stamps stamps = { 0 };

	for (size_t i = 0; i < count_files(config); i++) {
		struct tls_stamp stamp = stamp_of(config, i);

		tls_stamps_add(&stamps, &stamp);
	}
	return stamps;
}

bool tls_files_are_younger(const struct config_listener_tls *config,
                           uint64_t ms)
{
	for (size_t i = 0; i < count_files(config); i++) {
		struct tls_stamp stamp = stamp_of(config, i);

		if (tls_stamp_is_younger(&stamp, ms))
			return true;
	}
	return false;
}
