/* SPDX-License-Identifier: Apache-2.0 */
#include "doctor/quote.h"

#include <stdio.h>

#define LONGEST_ESCAPE 4 /* \xNN */
#define LAST_PRINTABLE 0x7e
#define DOTS "..."
#define END_BYTES (sizeof DOTS + 1) /* with a quote and the NUL */

static size_t escape(uint8_t octet, char *out)
{
	if (octet < ' ' || octet > LAST_PRINTABLE)
		return (size_t)sprintf(out, "\\x%02x", octet);
	if (octet == '"' || octet == '\\')
		return (size_t)sprintf(out, "\\%c", octet);
	*out = (char)octet;
	return 1;
}

struct quote quote(struct slice bytes)
{
	struct quote quoted;
	size_t len = 0;
	size_t i = 0;

	quoted.text[len++] = '"';
	while (i < bytes.len &&
	       len + LONGEST_ESCAPE + END_BYTES < sizeof quoted.text)
		len += escape(bytes.data[i++], quoted.text + len);
	snprintf(quoted.text + len, sizeof quoted.text - len, "%s\"",
	         i < bytes.len ? DOTS : "");
	return quoted;
}

struct quote quote_text(const char *text)
{
	return quote(slice_from_text(text));
}
