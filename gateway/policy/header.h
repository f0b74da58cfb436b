/* SPDX-License-Identifier: Apache-2.0 */
/*
 * One header field of a request, as the front room could read it.
 *
 * Keeps apart what must never be taken for one another: no field, an empty
 * one, several, one that could not be copied. Knows no field by its name.
 */
#pragma once

#include "base/slice.h"

enum header_presence {
	HEADER_ABSENT = 0,
	HEADER_ONE,        /* `value` holds it, maybe empty */
	HEADER_REPEATED,   /* more than one field */
	HEADER_UNREADABLE, /* there, but too long to copy */
};

struct header {
	enum header_presence presence;
	/*
	 * Not trimmed; may hold any octet. Of a repeated field that is a list
	 * (Sec-WebSocket-Protocol): all of them, joined with commas.
	 */
	struct slice value;
};

/* `value` without the blanks (SP, HTAB) around it [RFC 9110 5.5]. */
struct slice header_trim(struct slice value);
