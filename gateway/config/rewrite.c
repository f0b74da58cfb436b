/* SPDX-License-Identifier: Apache-2.0 */
#include "config/rewrite.h"

#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "config/memory.h"
#include "config/problem.h"

#define BYTE_ORDER_MARK "\xef\xbb\xbf"
#define DIGITS "0123456789"
#define HEX_DIGITS DIGITS "abcdefABCDEF"
#define LETTERS "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
#define SHOWN_BYTES 40 /* of a faulty token, in its message */

struct rewrite {
	const char *at; /* what is still to be read, up to a NUL */
	FILE *out;
	struct config_place place;
	struct problems *problems;
	unsigned newlines; /* read, not yet written */
	char last;         /* first byte of the token before */
	bool has_failed;
};

static void refuse(struct rewrite *r, const char *why)
{
	problem_error(r->problems, r->place, "%s", why);
	r->has_failed = true;
}

static void skip_line(struct rewrite *r)
{
	r->at += strcspn(r->at, "\n");
}

static void skip_newline(struct rewrite *r)
{
	r->at++;
	r->newlines++;
	r->place.line++;
}

static void skip_comment(struct rewrite *r)
{
	const char *end = strstr(r->at + 2, "*/");

	if (end == NULL) {
		refuse(r, "this comment does not end: write */ where it does");
		r->at += strlen(r->at);
		return;
	}
	while (r->at < end + 2) {
		if (*r->at == '\n')
			skip_newline(r);
		else
			r->at++;
	}
}

/* Skips one blank or comment; `false`: a token or the end stands here. */
static bool skip_blank(struct rewrite *r)
{
	if (*r->at == '\n')
		skip_newline(r);
	else if (*r->at != '\0' && strchr(" \t\f\r", *r->at) != NULL)
		r->at++;
	else if (*r->at == '#' || strncmp(r->at, "//", 2) == 0)
		skip_line(r);
	else if (strncmp(r->at, "/*", 2) == 0)
		skip_comment(r);
	else
		return false;
	return true;
}

static void write_newlines(struct rewrite *r)
{
	while (r->newlines > 0) {
		fputc('\n', r->out);
		r->newlines--;
	}
}

static void copy(struct rewrite *r, size_t len)
{
	fwrite(r->at, 1, len, r->out);
	r->at += len;
}

/* Copies the backslash and what it escapes. */
static void copy_escape(struct rewrite *r)
{
	const char *at = r->at + 1;

	if ((*at == 'x' || *at == 'X') && at[1] == '0' && at[2] == '0')
		refuse(r, "a text cannot hold \\x00");
	copy(r, *at == '\0' || *at == '\n' ? 1 : 2);
}

static void copy_text(struct rewrite *r)
{
	copy(r, 1);
	while (*r->at != '"') {
		if (*r->at == '\0' || *r->at == '\n') {
			refuse(r, "this text does not end on its line: a "
			          "closing quote is missing");
			return;
		}
		if (*r->at == '\\')
			copy_escape(r);
		else
			copy(r, 1);
	}
	copy(r, 1);
}

static bool is_number(const char *at)
{
	if (*at == '+' || *at == '-')
		at++;
	if (*at == '.')
		at++;
	return *at >= '0' && *at <= '9';
}

/* How many bytes of `at` are a whole number as libconfig writes them, or 0. */
static size_t measure_integer(const char *at)
{
	size_t len = at[0] == '+' || at[0] == '-';

	if (len == 0 && at[0] == '0' && (at[1] == 'x' || at[1] == 'X')) {
		len = 2 + strspn(at + 2, HEX_DIGITS);
		if (len == 2)
			return 0;
	} else {
		len += strspn(at + len, DIGITS);
	}
	for (int i = 0; i < 2 && at[len] == 'L'; i++)
		len++;
	return len;
}

/* Of the integer at `at`; one out of range gives the end of the range. */
static long long read_integer(const char *at)
{
	bool is_hex = at[0] == '0' && (at[1] == 'x' || at[1] == 'X');

	return strtoll(at, NULL, is_hex ? 16 : 10);
}

static void copy_number(struct rewrite *r)
{
	size_t len = strspn(r->at, DIGITS LETTERS "+-._");
	int shown = len > SHOWN_BYTES ? SHOWN_BYTES : (int)len;

	if (measure_integer(r->at) == len) {
		fprintf(r->out, "%lldL", read_integer(r->at));
	} else {
		problem_error(r->problems, r->place,
		              "%.*s is neither a whole number (digits only, "
		              "the unit is in the setting's name) nor a text "
		              "in quotes",
		              shown, r->at);
		r->has_failed = true;
	}
	r->at += len;
}

static void copy_other(struct rewrite *r)
{
	if (*r->at == '@' && strncmp(r->at, "@include", 8) == 0) {
		refuse(r, "@include is not known here: put the file into "
		          "conf.d beside the main file");
		skip_line(r);
		return;
	}
	if ((*r->at == ']' || *r->at == ')') && r->last == ',')
		refuse(r, "a list must not end with a comma");
	copy(r, 1);
}

static void copy_token(struct rewrite *r)
{
	char first = *r->at;

	/*
	 * libconfig notes the line of a text when it has seen the token after
	 * it: that one must not stand on a later line.
	 */
	if (r->last != '"' || strchr(",;)]}", first) == NULL)
		write_newlines(r);
	if (first == '"')
		copy_text(r);
	else if (first == '*' || strchr(LETTERS, first) != NULL)
		copy(r, strspn(r->at, LETTERS DIGITS "-_*"));
	else if (is_number(r->at))
		copy_number(r);
	else
		copy_other(r);
	fputc(' ', r->out);
	r->last = first;
}

static void refuse_nul(struct rewrite *r, const char *text)
{
	for (const char *at = text; *at != '\0'; at++)
		r->place.line += *at == '\n';
	refuse(r, "here is a NUL byte: this is no text file");
}

static void rewrite_all(struct rewrite *r)
{
	for (;;) {
		while (skip_blank(r))
			;
		if (*r->at == '\0')
			return;
		copy_token(r);
	}
}

char *rewrite_text(const char *file, const char *text, size_t len,
                   struct problems *problems)
{
	struct config_place start = { file, 1 };
	struct rewrite r = { .at = text, .place = start, .problems = problems };
	char *rewritten = NULL;
	size_t rewritten_len = 0;

	r.out = memory_checked(open_memstream(&rewritten, &rewritten_len));
	if (strlen(text) < len)
		refuse_nul(&r, text);
	else if (strncmp(text, BYTE_ORDER_MARK, 3) == 0)
		refuse(&r, "begins with a byte order mark: save it as UTF-8 "
		           "without one");
	else
		rewrite_all(&r);
	if (fclose(r.out) != 0)
		memory_checked(NULL);
	if (r.has_failed) {
		free(rewritten);
		return NULL;
	}
	return rewritten;
}
