/* SPDX-License-Identifier: Apache-2.0 */
#include "process/notify.h"

#include <inttypes.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "base/log.h"
#include "process/environment.h"

#define TEXT_BYTES 256
#define US_PER_MS 1000
#define US_PER_S 1000000
#define NS_PER_US 1000
#define FEEDS_A_WATCH 2 /* one may be late */

/* A path, or after an @ a name that is in no folder. */
static bool read_address(struct notify *notify, const char *text)
{
	size_t len = strlen(text);

	if ((text[0] != '/' && text[0] != '@') || len < 2 ||
	    len >= sizeof notify->address.sun_path)
		return false;
	notify->address.sun_family = AF_UNIX;
	memcpy(notify->address.sun_path, text, len);
	if (text[0] == '@')
		notify->address.sun_path[0] = '\0';
	notify->address_len =
	    (socklen_t)(offsetof(struct sockaddr_un, sun_path) + len);
	return true;
}

static void open_socket(struct notify *notify, const char *text)
{
	if (read_address(notify, text))
		notify->fd = socket(
		    AF_UNIX, SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	if (notify->fd < 0)
		log_warning("the service manager cannot be told",
		            LOG_FIELDS(log_text("NOTIFY_SOCKET", text)));
}

static uint64_t read_watchdog(void)
{
	uint64_t us = environment_number("WATCHDOG_USEC");

	return !getenv("WATCHDOG_PID") || environment_is_ours("WATCHDOG_PID")
	           ? us
	           : 0;
}

void notify_open(struct notify *notify)
{
	const char *text = getenv("NOTIFY_SOCKET");

	*notify = (struct notify){ .fd = -1, .watchdog_us = read_watchdog() };
	if (text)
		open_socket(notify, text);
	unsetenv("NOTIFY_SOCKET");
	unsetenv("WATCHDOG_USEC");
	unsetenv("WATCHDOG_PID");
}

void notify_close(struct notify *notify)
{
	if (notify->fd >= 0)
		close(notify->fd);
	notify->fd = -1;
}

static void say(const struct notify *notify, const char *text)
{
	if (notify->fd >= 0)
		(void)sendto(notify->fd, text, strlen(text),
		             MSG_DONTWAIT | MSG_NOSIGNAL,
		             (const struct sockaddr *)&notify->address,
		             notify->address_len);
}

static void on_feed(uv_timer_t *timer)
{
	say(timer->data, "WATCHDOG=1");
}

void notify_feed(struct notify *notify, uv_loop_t *loop)
{
	uint64_t every_ms = notify->watchdog_us / FEEDS_A_WATCH / US_PER_MS;

	if (notify->fd < 0 || notify->watchdog_us == 0)
		return;
	uv_timer_init(loop, &notify->feed);
	notify->feed.data = notify;
	uv_timer_start(&notify->feed, on_feed, 0, every_ms > 0 ? every_ms : 1);
}

void notify_ready(const struct notify *notify, size_t workers, size_t listeners)
{
	char text[TEXT_BYTES];

	snprintf(text, sizeof text,
	         "READY=1\nSTATUS=%zu workers, %zu listeners", workers,
	         listeners);
	say(notify, text);
}

void notify_reloading(const struct notify *notify)
{
	char text[TEXT_BYTES];
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	snprintf(text, sizeof text,
	         "RELOADING=1\nMONOTONIC_USEC=%" PRIu64 "\nSTATUS=reloading",
	         (uint64_t)now.tv_sec * US_PER_S +
	             (uint64_t)now.tv_nsec / NS_PER_US);
	say(notify, text);
}

void notify_stopping(const struct notify *notify, uint64_t sessions)
{
	char text[TEXT_BYTES];

	snprintf(text, sizeof text,
	         "STOPPING=1\nSTATUS=draining, %" PRIu64 " sessions", sessions);
	say(notify, text);
}
