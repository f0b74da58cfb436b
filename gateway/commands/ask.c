/* SPDX-License-Identifier: Apache-2.0 */
#include "commands/ask.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "commands/gateway.h"

#define PIECE_BYTES 16384
#define CODE_MOST 255

/* An answer while it arrives. */
struct answer {
	const struct command *command;
	bool is_brief;
	bool has_code; /* its line is whole */
	bool has_digit;
	int code;
	char last;     /* octet of the text */
	bool is_ended; /* enough was said */
};

enum ask_word ask_read_word(struct ask_place *place, char **argv, int *at)
{
	bool is_file = strcmp(argv[*at], "-c") == 0;
	const char *value = argv[*at + 1];

	if (!is_file && strcmp(argv[*at], "--socket") != 0)
		return ASK_OTHER;
	if (!value) {
		command_bad_usage(place->command, "no value after", argv[*at]);
		return ASK_BAD;
	}
	if (is_file)
		place->file = value;
	else
		place->socket = value;
	(*at)++;
	if (!place->file || !place->socket)
		return ASK_TAKEN;
	command_bad_usage(place->command, "either -c or --socket, not both",
	                  NULL);
	return ASK_BAD;
}

bool ask_read_words(struct ask_place *place, int argc, char **argv,
                    const char *flag, bool *is_set)
{
	for (int i = 1; i < argc; i++) {
		bool is_flag = flag && strcmp(argv[i], flag) == 0;
		enum ask_word word =
		    is_flag ? ASK_TAKEN : ask_read_word(place, argv, &i);

		if (word == ASK_OTHER)
			command_bad_usage(place->command, "unknown word",
			                  argv[i]);
		if (word != ASK_TAKEN)
			return false;
		if (is_flag)
			*is_set = true;
	}
	return true;
}

static int tell(const struct command *command, const char *what,
                const char *why)
{
	fprintf(stderr, "postern %s: %s%s%s\n", command->name, what,
	        why ? ": " : "", why ? why : "");
	return COMMAND_FAILED;
}

/* Takes an octet of the first line; false: it is no answer of a gateway. */
static bool take_code(struct answer *answer, char octet)
{
	if (octet == '\n' && answer->has_digit) {
		answer->has_code = true;
		return true;
	}
	if (octet < '0' || octet > '9')
		return false;
	answer->has_digit = true;
	answer->code = answer->code * 10 + (octet - '0');
	return answer->code <= CODE_MOST;
}

static FILE *out_of(const struct answer *answer)
{
	return answer->code == COMMAND_OK ? stdout : stderr;
}

static void take_text(struct answer *answer, const char *text, size_t len)
{
	FILE *out = out_of(answer);
	const char *line_end = memchr(text, '\n', len);

	if (answer->is_brief && line_end) {
		len = (size_t)(line_end - text) + 1;
		answer->is_ended = true;
	}
	fwrite(text, 1, len, out);
	fflush(out);
	answer->last = text[len - 1];
}

static bool take(struct answer *answer, const char *octets, size_t len)
{
	for (; len > 0 && !answer->has_code; octets++, len--) {
		if (!take_code(answer, *octets))
			return false;
	}
	if (len > 0)
		take_text(answer, octets, len);
	return true;
}

static bool is_whole(const struct answer *answer)
{
	return answer->has_code &&
	       (answer->last == '\0' || answer->last == '\n');
}

/* What the end of the connection means. */
static int conclude(const struct answer *answer)
{
	if (is_whole(answer))
		return answer->code;
	if (answer->has_code)
		fputc('\n', out_of(answer));
	return tell(answer->command, "the gateway's answer was cut off", NULL);
}

static int hear(int fd, struct answer *answer)
{
	char piece[PIECE_BYTES];
	ssize_t len;

	while (!answer->is_ended) {
		len = recv(fd, piece, sizeof piece, 0);
		if (len < 0 && errno == EINTR)
			continue;
		if (len < 0 && errno == EAGAIN)
			return tell(answer->command,
			            "the gateway does not answer", NULL);
		if (len <= 0)
			break;
		if (!take(answer, piece, (size_t)len))
			return tell(answer->command,
			            "what answers is no gateway", NULL);
	}
	return conclude(answer);
}

static bool say(int fd, const char *request, unsigned limit_s)
{
	struct timeval limit = { .tv_sec = limit_s };
	char *line = NULL;
	int len = asprintf(&line, "%s\n", request);
	bool is_said;

	if (len < 0)
		return false;
	setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof limit);
	is_said = send(fd, line, (size_t)len, MSG_NOSIGNAL) == len;
	free(line);
	return is_said;
}

int ask(const struct ask_place *place, const struct ask *ask)
{
	struct answer answer = { .command = place->command,
		                 .is_brief = ask->is_brief };
	int fd;
	int code = gateway_connect(place, &fd);

	if (code != COMMAND_OK)
		return code;
	if (say(fd, ask->request, ask->limit_s))
		code = hear(fd, &answer);
	else
		code = tell(place->command, "the gateway cannot be asked",
		            strerror(errno));
	close(fd);
	return code;
}
