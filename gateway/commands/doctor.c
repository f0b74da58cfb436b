/* SPDX-License-Identifier: Apache-2.0 */
#include "doctor/doctor.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/random.h"
#include "commands/command.h"
#include "mqtt/topic.h"
#include "mqtt/utf8.h"
#include "policy/origin.h"

#define TIMEOUT_S 10
#define TIMEOUT_S_MAX 300
#define NAME_OCTETS 8
#define TOPIC_BYTES 64
#define TOPIC_MOST 1024
#define USER_MOST 1024
#define PASSWORD_MOST 10240 /* tokens are long */

struct words {
	const char *url;
	const char *origin;
	const char *user;
	const char *password_file;
	const char *ca;
	const char *topic;
	const char *timeout;
};

/* What the order points into. */
struct texts {
	char origin[URL_ORIGIN_BYTES];
	char topic[TOPIC_BYTES];
	uint8_t password[PASSWORD_MOST + 3]; /* a line end, one too many */
};

static int complain(const char *what, const char *word)
{
	return command_bad_usage(&command_doctor, what, word);
}

static const char **value_of(struct words *words, const char *option)
{
	const struct {
		const char *name;
		const char **value;
	} known[] = {
		{ "--origin", &words->origin },
		{ "--user", &words->user },
		{ "--password-file", &words->password_file },
		{ "--ca", &words->ca },
		{ "--topic", &words->topic },
		{ "--timeout", &words->timeout },
	};

	for (size_t i = 0; i < sizeof known / sizeof known[0]; i++) {
		if (strcmp(option, known[i].name) == 0)
			return known[i].value;
	}
	return NULL;
}

static int read_words(struct words *words, int argc, char **argv)
{
	for (int i = 1; i < argc; i++) {
		const char **value = value_of(words, argv[i]);

		if (!value && argv[i][0] == '-')
			return complain("unknown word", argv[i]);
		if (!value && words->url)
			return complain("one URL is enough:", argv[i]);
		if (value && i + 1 == argc)
			return complain("no value after", argv[i]);
		if (value)
			*value = argv[++i];
		else
			words->url = argv[i];
	}
	return words->url ? COMMAND_OK : complain("which URL?", NULL);
}

static int read_url(const char *text, struct url *url)
{
	enum url_fault fault = url_read(text, url);

	if (fault == URL_FINE)
		return COMMAND_OK;
	fprintf(stderr, "postern doctor: %s\n", url_fault_text(fault));
	return complain("no URL of a WebSocket:", text);
}

static int read_origin(const char *given, struct texts *texts,
                       struct doctor_order *order)
{
	struct origin origin;

	order->is_origin_ours = given == NULL;
	url_origin(&order->url, texts->origin);
	order->origin = given ? given : texts->origin;
	if (!given || origin_read(slice_from_text(given), &origin))
		return COMMAND_OK;
	fprintf(stderr, "postern doctor: %s\n",
	        origin_fault_text(
	            origin_read_entry(slice_from_text(given), &origin)));
	return complain("no origin of a page:", given);
}

static int read_topic(const char *given, struct texts *texts,
                      struct doctor_order *order)
{
	char name[2 * NAME_OCTETS + 1];

	order->topic = given ? given : texts->topic;
	if (given)
		return strlen(given) <= TOPIC_MOST &&
		               mqtt_topic_is_name(slice_from_text(given))
		           ? COMMAND_OK
		           : complain("no topic to publish to:", given);
	if (!random_hex(name, NAME_OCTETS))
		return COMMAND_FAILED;
	snprintf(texts->topic, sizeof texts->topic, "postern/doctor/%s", name);
	return COMMAND_OK;
}

static int read_timeout(const char *given, struct doctor_order *order)
{
	char *end = NULL;
	long seconds = given ? strtol(given, &end, 10) : TIMEOUT_S;

	order->timeout_s = (unsigned)seconds;
	if (seconds < 1 || seconds > TIMEOUT_S_MAX || (end && *end))
		return complain("seconds from 1 to 300, not", given);
	return COMMAND_OK;
}

static bool read_bytes(int fd, struct texts *texts, size_t *len)
{
	ssize_t got = 1;

	*len = 0;
	while (got != 0 && *len < sizeof texts->password) {
		got = read(fd, texts->password + *len,
		           sizeof texts->password - *len);
		if (got < 0 && errno != EINTR)
			return false;
		*len += got > 0 ? (size_t)got : 0;
	}
	return true;
}

static size_t drop_line_end(const uint8_t *bytes, size_t len)
{
	if (len > 0 && bytes[len - 1] == '\n')
		len--;
	return len > 0 && bytes[len - 1] == '\r' ? len - 1 : len;
}

static int read_password(const char *file, struct texts *texts,
                         struct doctor_order *order)
{
	int fd = open(file, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	bool is_read = fd >= 0 && read_bytes(fd, texts, &order->password.len);
	const char *why = is_read ? NULL : strerror(errno);

	if (fd >= 0)
		close(fd);
	if (!is_read) {
		fprintf(stderr, "postern doctor: %s\n", why);
		return complain("cannot read the password from", file);
	}
	order->password.data = texts->password;
	order->password.len =
	    drop_line_end(texts->password, order->password.len);
	if (order->password.len > PASSWORD_MOST)
		return complain("too long for a password:", file);
	return COMMAND_OK;
}

static int read_login(const struct words *words, struct texts *texts,
                      struct doctor_order *order)
{
	order->user = words->user;
	if (words->user && (strlen(words->user) > USER_MOST ||
	                    !mqtt_utf8_is_string(slice_from_text(words->user))))
		return complain("no user name of MQTT:", words->user);
	if (!words->password_file)
		return COMMAND_OK;
	if (!words->user)
		return complain("--password-file needs a --user", NULL);
	return read_password(words->password_file, texts, order);
}

static int read_order(const struct words *words, struct texts *texts,
                      struct doctor_order *order)
{
	int code = read_url(words->url, &order->url);

	order->ca_file = words->ca;
	if (code == COMMAND_OK)
		code = read_origin(words->origin, texts, order);
	if (code == COMMAND_OK)
		code = read_topic(words->topic, texts, order);
	if (code == COMMAND_OK)
		code = read_timeout(words->timeout, order);
	if (code == COMMAND_OK && words->ca && access(words->ca, R_OK) != 0)
		code = complain("cannot read the file of --ca:", words->ca);
	if (code == COMMAND_OK)
		code = read_login(words, texts, order);
	return code;
}

static int run(int argc, char **argv)
{
	struct words words = { .url = NULL };
	struct texts texts;
	struct doctor_order order = { .user = NULL };
	int code = read_words(&words, argc, argv);

	if (code == COMMAND_OK)
		code = read_order(&words, &texts, &order);
	if (code == COMMAND_OK && !doctor_visit(&order))
		code = COMMAND_FAILED;
	explicit_bzero(texts.password, sizeof texts.password);
	return code;
}

const struct command command_doctor = {
	.name = "doctor",
	.usage = "doctor URL [--origin ORIGIN] [--user NAME] [--password-file "
	         "FILE] [--ca FILE] [--topic TOPIC] [--timeout SECONDS]",
	.help =
	    "Goes the way of a page, from the name in the URL to a message "
	    "that "
	    "comes back,\nand says of each step whether it is well, and else "
	    "what to mend. Reads no\nconfiguration: run it where the browsers "
	    "are, too.\n\n"
	    "  URL                   as the page opens it, "
	    "ws://HOST[:PORT]/PATH "
	    "or wss://\n"
	    "  --origin ORIGIN       of the page; by default that of the URL "
	    "itself\n"
	    "  --user NAME           to log in with, on a route of kind mqtt\n"
	    "  --password-file FILE  with the password and nothing else\n"
	    "  --ca FILE             an authority of your own to trust, PEM\n"
	    "  --topic TOPIC         to publish to and subscribe to; by "
	    "default "
	    "one that\n"
	    "                        nobody else uses, below postern/doctor/\n"
	    "  --timeout SECONDS     for each step, 10 unless said\n\n"
	    "It publishes five messages of QoS 1 to that topic, none of them "
	    "retained.\n"
	    "Exit code 0 when all is well, 1 when something is wrong.\n",
	.run = run,
};
