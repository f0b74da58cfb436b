/* SPDX-License-Identifier: Apache-2.0 */
#include "config/check_listener.h"

#include <string.h>

#include "config/address.h"
#include "config/check_socket.h"
#include "config/config.h"

static void check_form(const struct config_listener *listener,
                       struct problems *problems)
{
	bool has_unix = listener->unix_path.value != NULL;
	bool has_address = listener->address.value != NULL;
	bool has_port = listener->port != 0;
	const char *wish = NULL;

	if (has_unix && (has_address || has_port))
		wish = "either \"unix\" or \"address\" and \"port\", not both";
	else if (!has_unix && !has_address && !has_port)
		wish = "\"address\" and \"port\", or \"unix\"";
	else if (!has_unix && !has_address)
		wish = "an \"address\" beside its \"port\"";
	else if (!has_unix && !has_port)
		wish = "a \"port\" beside its \"address\", from 1 to 65535";
	if (wish != NULL)
		problem_error(problems, listener->place,
		              "this listener wants %s", wish);
}

static void check_address(const struct config_text *text,
                          struct problems *problems)
{
	struct address address;

	if (text->value != NULL && !address_read(text->value, &address))
		problem_error(problems, text->place,
		              "\"%.60s\" is no numeric address: write one like "
		              "\"127.0.0.1\", \"0.0.0.0\", \"::1\" or \"::\"",
		              text->value);
}

static void check_mode(const struct config_listener *listener,
                       struct problems *problems)
{
	const struct config_text *mode = &listener->mode;

	if (mode->value == NULL || mode->place.file == NULL)
		return;
	if (listener->unix_path.value == NULL)
		problem_error(problems, mode->place,
		              "\"mode\" is that of a Unix socket, and this "
		              "listener has no \"unix\"");
	check_socket_mode(mode, problems);
}

/* Reads what `listener` binds; `false`: no TCP port, or a wrong one. */
static bool find_address(const struct config_listener *listener,
                         struct address *address)
{
	if (listener->port == 0 || listener->address.value == NULL ||
	    !address_read(listener->address.value, address))
		return false;
	address->port = (uint16_t)listener->port;
	return true;
}

void check_listener_beside(const struct config *config, size_t count,
                           const struct address *address,
                           struct config_place place, struct problems *problems)
{
	char before[PROBLEM_PLACE_BYTES];
	struct address other;

	for (size_t i = 0; i < count; i++) {
		const struct config_listener *listener = &config->listeners[i];

		if (!find_address(listener, &other) ||
		    !address_overlaps(address, &other))
			continue;
		problem_place(listener->place, before, sizeof(before));
		problem_error(problems, place,
		              "port %u of this address is already bound by the "
		              "listener at %s (%s)",
		              other.port, before, listener->address.value);
		return;
	}
}

void check_listener_unix_beside(const struct config *config, size_t count,
                                const struct config_text *path,
                                struct problems *problems)
{
	char before[PROBLEM_PLACE_BYTES];

	for (size_t i = 0; path->value != NULL && i < count; i++) {
		const struct config_listener *listener = &config->listeners[i];
		const char *other = listener->unix_path.value;

		if (other == NULL || strcmp(other, path->value) != 0)
			continue;
		problem_place(listener->place, before, sizeof(before));
		problem_error(problems, path->place,
		              "this socket is already bound by the listener at "
		              "%s",
		              before);
		return;
	}
}

void check_listener(const struct config *config, size_t index,
                    struct problems *problems)
{
	const struct config_listener *listener = &config->listeners[index];
	struct address address;

	check_form(listener, problems);
	check_address(&listener->address, problems);
	check_socket_path(&listener->unix_path, problems);
	check_mode(listener, problems);
	check_listener_unix_beside(config, index, &listener->unix_path,
	                           problems);
	if (find_address(listener, &address))
		check_listener_beside(config, index, &address, listener->place,
		                      problems);
}
