/* SPDX-License-Identifier: Apache-2.0 */
#include "admin/admin_path.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "config/config.h"

/* False when `size` is too small for it. */
static bool is_whole(int len, size_t size)
{
	return len > 0 && (size_t)len < size;
}

/* NULL: not set. */
static const char *variable(const char *name)
{
	const char *value = getenv(name);

	return value && *value != '\0' ? value : NULL;
}

/* The service manager may have made several: FOLDER:FOLDER. */
static bool write_runtime(const char *folders, char *path, size_t size)
{
	return is_whole(snprintf(path, size, "%.*s/admin.sock",
	                         (int)strcspn(folders, ":"), folders),
	                size);
}

static uint32_t first_port(const struct config *config)
{
	for (size_t i = 0; i < config->listener_count; i++) {
		if (config->listeners[i].port != 0)
			return config->listeners[i].port;
	}
	return 0;
}

static bool write_user(const struct config *config, char *path, size_t size)
{
	const char *folder = variable("XDG_RUNTIME_DIR");
	uint32_t port = first_port(config);

	if (!folder || port == 0)
		return false;
	return is_whole(
	    snprintf(path, size, "%s/postern-%u.sock", folder, port), size);
}

bool admin_path(const struct config *config, char *path, size_t size)
{
	const char *set = config ? config->admin.socket.value : NULL;
	const char *folders = variable("RUNTIME_DIRECTORY");

	if (set && *set != '\0')
		return is_whole(snprintf(path, size, "%s", set), size);
	if (folders)
		return write_runtime(folders, path, size);
	return config && write_user(config, path, size);
}
