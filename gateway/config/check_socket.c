/* SPDX-License-Identifier: Apache-2.0 */
#include "config/check_socket.h"

#include <stdbool.h>
#include <string.h>
#include <sys/un.h>

#define OCTAL_DIGITS "01234567"

void check_socket_path(const struct config_text *path,
                       struct problems *problems)
{
	size_t room = sizeof(((struct sockaddr_un *)NULL)->sun_path);

	if (path->value == NULL)
		return;
	if (path->value[0] != '/')
		problem_error(problems, path->place,
		              "\"%.60s\" does not begin with \"/\": write the "
		              "whole path of the socket",
		              path->value);
	if (strlen(path->value) >= room)
		problem_error(problems, path->place,
		              "the path of a Unix socket may have %zu bytes",
		              room - 1);
}

static bool is_mode(const char *text)
{
	size_t len = strlen(text);

	if (strspn(text, OCTAL_DIGITS) != len)
		return false;
	return len == 3 || (len == 4 && text[0] == '0');
}

void check_socket_mode(const struct config_text *mode,
                       struct problems *problems)
{
	if (mode->value != NULL && !is_mode(mode->value))
		problem_error(problems, mode->place,
		              "\"%.60s\" is no mode: write three octal digits "
		              "after a 0, like \"0660\"",
		              mode->value);
}
