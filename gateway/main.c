/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Reads the command word and calls the command.
 */
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "commands/command.h"

static const struct command *const commands[] = {
	&command_serve,  &command_check,  &command_print_config,
	&command_can,    &command_status, &command_who,
	&command_reload, &command_drain,  &command_doctor,
};

#define COMMANDS (sizeof commands / sizeof commands[0])

static const struct command *find(const char *word)
{
	for (size_t i = 0; i < COMMANDS; i++) {
		if (strcmp(commands[i]->name, word) == 0)
			return commands[i];
	}
	return NULL;
}

static void print_usage(FILE *out)
{
	fprintf(out, "postern: a guarded door between the web and MQTT\n\n");
	for (size_t i = 0; i < COMMANDS; i++)
		fprintf(out, "  postern %s\n", commands[i]->usage);
	fprintf(out, "  postern --version | --help | COMMAND --help\n");
}

static int run(const struct command *command, int argc, char **argv)
{
	if (argc > 1 && strcmp(argv[1], "--help") == 0) {
		printf("usage: postern %s\n\n%s", command->usage,
		       command->help);
		return COMMAND_OK;
	}
	return command->run(argc, argv);
}

/* Else the next file we open would be taken for one of the three. */
static void fill_standard_streams(void)
{
	int fd;

	while ((fd = open("/dev/null", O_RDWR)) >= 0 && fd <= STDERR_FILENO)
		;
	if (fd > STDERR_FILENO)
		close(fd);
}

int main(int argc, char **argv)
{
	const char *word = argc > 1 ? argv[1] : "";
	const struct command *command = find(word);

	fill_standard_streams();
	if (command)
		return run(command, argc - 1, argv + 1);
	if (strcmp(word, "--help") == 0) {
		print_usage(stdout);
		return COMMAND_OK;
	}
	if (strcmp(word, "--version") == 0) {
		printf("postern %s\n", POSTERN_VERSION);
		return COMMAND_OK;
	}
	fprintf(stderr, "postern: %s%s\n", *word ? "no such command: " : "",
	        *word ? word : "which command?");
	print_usage(stderr);
	return COMMAND_USAGE;
}
