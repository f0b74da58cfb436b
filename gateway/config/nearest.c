/* SPDX-License-Identifier: Apache-2.0 */
#include "config/nearest.h"

#include <stdbool.h>
#include <stdint.h>
#include <string.h>

#include "config/schema.h"

#define LONGEST_NAME 48
#define SHORTEST_PREFIX 3

/* One line of the edit matrix, and the two before it. */
struct lines {
	size_t line[3][LONGEST_NAME + 1];
};

static size_t least(size_t a, size_t b)
{
	return a < b ? a : b;
}

static size_t cell(const struct lines *lines, const char *a, const char *b,
                   size_t i, size_t j)
{
	const size_t *here = lines->line[i % 3];
	const size_t *above = lines->line[(i - 1) % 3];
	size_t best = least(here[j - 1], above[j]) + 1;

	best = least(best, above[j - 1] + (a[i - 1] != b[j - 1]));
	if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1])
		best = least(best, lines->line[(i - 2) % 3][j - 2] + 1);
	return best;
}

size_t nearest_distance(const char *a, const char *b)
{
	size_t a_len = strnlen(a, LONGEST_NAME + 1);
	size_t b_len = strnlen(b, LONGEST_NAME + 1);
	struct lines lines;

	if (a_len > LONGEST_NAME || b_len > LONGEST_NAME)
		return SIZE_MAX;
	for (size_t j = 0; j <= b_len; j++)
		lines.line[0][j] = j;
	for (size_t i = 1; i <= a_len; i++) {
		lines.line[i % 3][0] = i;
		for (size_t j = 1; j <= b_len; j++)
			lines.line[i % 3][j] = cell(&lines, a, b, i, j);
	}
	return lines.line[a_len % 3][b_len];
}

/* As nearest_distance, but the beginning of a name is close to it. */
static size_t strangeness(const char *name, const char *known)
{
	size_t len = strlen(name);

	if (len >= SHORTEST_PREFIX && strncmp(name, known, len) == 0)
		return 1;
	return nearest_distance(name, known);
}

const char *nearest_name(const struct schema *schema, const char *name)
{
	size_t best = 2 + strlen(name) / 4;
	const char *nearest = NULL;

	for (size_t i = 0; i < schema->count; i++) {
		const char *known = schema->settings[i].name;
		size_t distance = strangeness(name, known);

		if (distance < best) {
			best = distance;
			nearest = known;
		}
	}
	return nearest;
}
