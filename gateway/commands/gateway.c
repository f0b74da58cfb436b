/* SPDX-License-Identifier: Apache-2.0 */
#include "commands/gateway.h"

#include <dirent.h>
#include <errno.h>
#include <grp.h>
#include <libgen.h>
#include <pwd.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "admin/admin_path.h"
#include "config/load.h"

#define SERVICE_SOCKET "/run/postern/admin.sock"
#define USER_PREFIX "postern-"
#define USER_SUFFIX ".sock"
#define CONNECT_LIMIT_S 30 /* of a master that does not turn */
#define PATHS_MAX 32       /* that are looked at */
#define PATH_BYTES sizeof(((struct sockaddr_un *)NULL)->sun_path)

struct search {
	const struct ask_place *place;
	int fd; /* -1: not found yet */
	size_t count;
	struct tried {
		char path[PATH_BYTES];
		int fault; /* errno; 0: it is there */
	} tried[PATHS_MAX];
};

static const char *name_of(const struct search *search)
{
	return search->place->command->name;
}

/* Looking. */

static int open_socket(const char *path)
{
	struct sockaddr_un address = { .sun_family = AF_UNIX };
	struct timeval limit = { .tv_sec = CONNECT_LIMIT_S };
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);

	if (fd < 0)
		return -1;
	memcpy(address.sun_path, path, strlen(path));
	setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &limit, sizeof limit);
	if (connect(fd, (struct sockaddr *)&address, sizeof address) == 0)
		return fd;

	int fault = errno;

	close(fd);
	errno = fault;
	return -1;
}

static bool was_tried(const struct search *search, const char *path)
{
	for (size_t i = 0; i < search->count; i++) {
		if (strcmp(search->tried[i].path, path) == 0)
			return true;
	}
	return false;
}

/* A connection to `path`, or -1; each path is tried once. */
static int try_path(struct search *search, const char *path)
{
	struct tried *tried = &search->tried[search->count];
	int fd;

	if (search->count == PATHS_MAX || was_tried(search, path))
		return -1;
	fd = open_socket(path);
	snprintf(tried->path, sizeof tried->path, "%s", path);
	tried->fault = fd < 0 ? errno : 0;
	search->count++;
	return fd;
}

static void look_at(struct search *search, const char *path)
{
	if (search->fd < 0)
		search->fd = try_path(search, path);
}

static bool is_user_socket(const char *name)
{
	size_t len = strlen(name);
	size_t suffix_len = strlen(USER_SUFFIX);

	return len > suffix_len &&
	       strncmp(name, USER_PREFIX, strlen(USER_PREFIX)) == 0 &&
	       strcmp(name + len - suffix_len, USER_SUFFIX) == 0;
}

/* Takes the first gateway; false when there is another one. */
static bool look_at_user_socket(struct search *search, const char *folder,
                                const char *name)
{
	char path[PATH_BYTES];
	int len = snprintf(path, sizeof path, "%s/%s", folder, name);
	int fd;

	if (len < 0 || (size_t)len >= sizeof path)
		return true;
	fd = try_path(search, path);
	if (fd < 0)
		return true;
	if (search->fd < 0) {
		search->fd = fd;
		return true;
	}
	close(fd);
	return false;
}

/* Of the user who asks; false: it is not to be told which is meant. */
static bool look_at_user_sockets(struct search *search)
{
	const char *folder = getenv("XDG_RUNTIME_DIR");
	DIR *entries = folder ? opendir(folder) : NULL;
	struct dirent *entry;
	bool is_only = true;

	if (!entries)
		return true;
	while ((entry = readdir(entries))) {
		if (is_user_socket(entry->d_name) &&
		    !look_at_user_socket(search, folder, entry->d_name))
			is_only = false;
	}
	closedir(entries);
	return is_only;
}

/* Telling. */

static void tell_owners(const struct stat *what)
{
	const struct passwd *user = getpwuid(what->st_uid);
	const struct group *group = getgrgid(what->st_gid);

	if (user)
		fprintf(stderr, "the user %s", user->pw_name);
	else
		fprintf(stderr, "the user %u", what->st_uid);
	if ((what->st_mode & S_IRWXG) == 0)
		return;
	if (group)
		fprintf(stderr, " and the group %s", group->gr_name);
	else
		fprintf(stderr, " and the group %u", what->st_gid);
}

/* Its folder may be closed to us, too. */
static void tell_forbidden(const struct search *search, const char *path)
{
	char folder[PATH_BYTES];
	struct stat what;

	snprintf(folder, sizeof folder, "%s", path);
	fprintf(stderr, "postern %s: %s may not be used by this user",
	        name_of(search), path);
	if (stat(path, &what) == 0 || stat(dirname(folder), &what) == 0) {
		fprintf(stderr, ": it is for ");
		tell_owners(&what);
	}
	fprintf(stderr, "\n");
}

static void tell_nobody(const struct search *search)
{
	for (size_t i = 0; i < search->count; i++) {
		const struct tried *tried = &search->tried[i];

		if (tried->fault != EACCES && tried->fault != EPERM)
			continue;
		tell_forbidden(search, tried->path);
		return;
	}
	fprintf(stderr, "postern %s: no gateway found", name_of(search));
	for (size_t i = 0; i < search->count; i++)
		fprintf(stderr, "%s %s (%s)", i == 0 ? ": looked at" : ",",
		        search->tried[i].path,
		        strerror(search->tried[i].fault));
	fprintf(stderr, ". Is it running? -c FILE or --socket PATH says "
	                "where it is asked.\n");
}

static int tell_several(struct search *search)
{
	fprintf(stderr,
	        "postern %s: there are several gateways; say which with "
	        "--socket:\n",
	        name_of(search));
	for (size_t i = 0; i < search->count; i++) {
		if (search->tried[i].fault == 0)
			fprintf(stderr, "  --socket %s\n",
			        search->tried[i].path);
	}
	close(search->fd);
	return COMMAND_USAGE;
}

/* The rules. */

/* Whether `file`, NULL if none was named, is that of the service. */
static bool is_of_service(const char *file)
{
	return !file || strcmp(file, COMMAND_CONFIG_FILE) == 0;
}

static int search_by_rule(struct search *search)
{
	const char *file = search->place->file;
	char path[PATH_BYTES];
	struct problems problems;
	struct config *config;
	bool is_only = true;
	bool is_broken;

	problems_init(&problems);
	config = command_load(file, &problems);
	if (admin_path(config, path, sizeof path))
		look_at(search, path);
	if (is_of_service(file))
		look_at(search, SERVICE_SOCKET);
	if (!file && search->fd < 0)
		is_only = look_at_user_sockets(search);
	/* The gateway itself says what is wrong with it, if it is there. */
	is_broken = search->fd < 0 && file && problems.errors > 0;
	if (is_broken)
		problems_print(&problems, stderr);
	config_unload(config);
	problems_finish(&problems);
	if (!is_only)
		return tell_several(search);
	return is_broken ? COMMAND_CONFIG : COMMAND_OK;
}

static int search_socket(struct search *search)
{
	const char *path = search->place->socket;

	if (strlen(path) < PATH_BYTES) {
		look_at(search, path);
		return COMMAND_OK;
	}
	fprintf(stderr,
	        "postern %s: the path of a Unix socket may have %zu "
	        "bytes\n",
	        name_of(search), PATH_BYTES - 1);
	return COMMAND_USAGE;
}

int gateway_connect(const struct ask_place *place, int *fd)
{
	struct search search = { .place = place, .fd = -1 };
	int code =
	    place->socket ? search_socket(&search) : search_by_rule(&search);

	if (code == COMMAND_OK && search.fd >= 0)
		*fd = search.fd;
	else if (code != COMMAND_USAGE)
		tell_nobody(&search);
	return code == COMMAND_OK && search.fd < 0 ? COMMAND_NO_GATEWAY : code;
}
