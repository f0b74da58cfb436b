/* SPDX-License-Identifier: Apache-2.0 */
#include "config/problem.h"

#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "config/memory.h"

#define DELETE 0x7f

void problems_init(struct problems *problems)
{
	*problems = (struct problems){ .list = NULL };
}

void problems_finish(struct problems *problems)
{
	for (size_t i = 0; i < problems->count; i++) {
		free((char *)problems->list[i].place.file);
		free(problems->list[i].text);
	}
	free(problems->list);
	problems_init(problems);
}

static bool same_file(const char *a, const char *b)
{
	if (a == NULL || b == NULL)
		return a == b;
	return strcmp(a, b) == 0;
}

/* Where a problem at `place` goes so that the list stays in file order. */
static size_t find_slot(const struct problems *problems,
                        struct config_place place)
{
	size_t slot = problems->count;

	for (size_t i = 0; i < problems->count; i++) {
		const struct config_place *other = &problems->list[i].place;

		if (!same_file(other->file, place.file))
			continue;
		if (other->line > place.line)
			return slot == problems->count ? i : slot;
		slot = i + 1;
	}
	return slot;
}

static void insert(struct problems *problems, struct problem problem)
{
	size_t slot = find_slot(problems, problem.place);
	size_t size = (problems->count + 1) * sizeof(problem);

	problems->list = memory_checked(realloc(problems->list, size));
	memmove(&problems->list[slot + 1], &problems->list[slot],
	        (problems->count - slot) * sizeof(problem));
	problems->list[slot] = problem;
	problems->count++;
}

static void keep_printable(char *text)
{
	for (; *text != '\0'; text++) {
		if ((unsigned char)*text < ' ' || *text == DELETE)
			*text = '?';
	}
}

static bool is_same_place(struct config_place a, struct config_place b)
{
	return a.line == b.line && (a.file == NULL) == (b.file == NULL) &&
	       (a.file == NULL || strcmp(a.file, b.file) == 0);
}

/* One wrong option may go into several places of the built-in default. */
static bool is_known(const struct problems *problems, struct config_place place,
                     const char *text)
{
	for (size_t i = 0; i < problems->count; i++) {
		const struct problem *known = &problems->list[i];

		if (is_same_place(known->place, place) &&
		    strcmp(known->text, text) == 0)
			return true;
	}
	return false;
}

PRINTF_LIKE(4, 0)
static void add(struct problems *problems, struct config_place place,
                bool is_error, const char *format, va_list values)
{
	char *text = NULL;

	if (vasprintf(&text, format, values) < 0)
		memory_checked(NULL);
	keep_printable(text);
	if (is_known(problems, place, text)) {
		free(text);
		return;
	}
	if (place.file != NULL)
		place.file = memory_checked(strdup(place.file));
	insert(problems, (struct problem){ place, is_error, text });
	problems->errors += is_error ? 1 : 0;
}

void problem_error(struct problems *problems, struct config_place place,
                   const char *format, ...)
{
	va_list values;

	va_start(values, format);
	add(problems, place, true, format, values);
	va_end(values);
}

void problem_warning(struct problems *problems, struct config_place place,
                     const char *format, ...)
{
	va_list values;

	va_start(values, format);
	add(problems, place, false, format, values);
	va_end(values);
}

void problem_place(struct config_place place, char *out, size_t size)
{
	if (place.line != 0)
		snprintf(out, size, "%s:%u", place.file, place.line);
	else
		snprintf(out, size, "%s", place.file ? place.file : "built in");
}

static bool is_built_in(struct config_place place)
{
	return place.file && strcmp(place.file, PROBLEM_BUILT_IN) == 0;
}

void problems_print(const struct problems *problems, FILE *out)
{
	for (size_t i = 0; i < problems->count; i++) {
		const struct problem *problem = &problems->list[i];
		const char *degree = problem->is_error ? "" : "warning: ";
		char place[PROBLEM_PLACE_BYTES];

		if (!problem->is_error && is_built_in(problem->place))
			continue;
		problem_place(problem->place, place, sizeof(place));
		fprintf(out, "%s: %s%s\n", place, degree, problem->text);
	}
}
