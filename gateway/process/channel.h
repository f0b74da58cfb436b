/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The line between the master and one worker: single words, both ways. The
 * end of the line means that the other process is gone.
 */
#pragma once

#include <stdbool.h>

#include "base/attribute.h"

enum channel_word {
	CHANNEL_NOTHING = 0, /* not now */
	CHANNEL_READY,       /* worker: all is set up, may I accept? */
	CHANNEL_GO,          /* master: accept */
	CHANNEL_DRAIN,       /* master: end in good order */
	CHANNEL_END,         /* the other process is gone */
};

/* Both ends, non-blocking and close-on-exec; false: errno says why. */
bool channel_open(int ends[2]) MUST_CHECK;

/* False when the other process is gone. */
bool channel_say(int end, enum channel_word word);

/* The next word that was said, or NOTHING, or END. */
enum channel_word channel_hear(int end);
