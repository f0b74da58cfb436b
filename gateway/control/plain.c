/* SPDX-License-Identifier: Apache-2.0 */
#include "control/plain.h"

#include <stdlib.h>

#include "base/slice.h"
#include "mqtt/utf8.h"
#include "json/writer.h"

static int is_plain(unsigned char c)
{
	return c >= ' ' && c < 0x7f && c != '\\';
}

void plain_print(FILE *out, const char *text)
{
	for (; *text != '\0'; text++) {
		unsigned char c = (unsigned char)*text;

		if (is_plain(c))
			fputc(c, out);
		else if (c == '\\')
			fputs("\\\\", out);
		else
			fprintf(out, "\\x%02x", c);
	}
}

static void write_escaped(struct json_writer *writer, const char *name,
                          const char *text)
{
	char *escaped = NULL;
	size_t len = 0;
	FILE *out = open_memstream(&escaped, &len);

	if (out) {
		plain_print(out, text);
		if (fclose(out) == 0)
			json_write_word(writer, name, escaped);
	}
	free(escaped);
}

void plain_write_json(struct json_writer *writer, const char *name,
                      const char *text)
{
	if (mqtt_utf8_is_well_formed(slice_from_text(text)))
		json_write_word(writer, name, text);
	else
		write_escaped(writer, name, text);
}
