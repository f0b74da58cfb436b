/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The line between the master and one worker: words, some with a body, both
 * ways, each whole or not at all. The end of the line means that the other
 * process is gone.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/attribute.h"
#include "base/question.h"
#include "base/record.h"
#include "base/slice.h"

enum channel_word {
	CHANNEL_NOTHING = 0, /* not now */

	/* What the master says. */
	CHANNEL_GO,      /* accept */
	CHANNEL_RETIRE,  /* accept no more; body: a dismissal (session/) */
	CHANNEL_DRAIN,   /* end in good order */
	CHANNEL_LOG,     /* body: struct channel_log */
	CHANNEL_PREPARE, /* body: struct channel_renewal; read it */
	CHANNEL_ADOPT,   /* what was prepared is to be shown from now on */
	CHANNEL_FORGET,  /* it is not */
	CHANNEL_WHO,     /* body: struct channel_question */

	/* What a worker says. */
	CHANNEL_READY,    /* all is set up, may I accept? */
	CHANNEL_PREPARED, /* as asked */
	CHANNEL_UNABLE,   /* it could not be prepared: see the log */
	CHANNEL_FOUND,    /* body: struct channel_found */
	CHANNEL_TOLD,     /* body: the inquiry's number; no more is known */

	CHANNEL_END, /* the other process is gone */
};

struct channel_log {
	uint8_t level; /* enum log_level */
	uint8_t is_json;
};

/* Of which listener the certificate is another one, and which one. */
struct channel_renewal {
	uint32_t listener; /* as configured */
	uint64_t print;    /* tls/listener.h */
};

/* Of which connection a record is wanted, and one that was found. */
struct channel_question {
	uint32_t inquiry;
	struct question question;
};

struct channel_found {
	uint32_t inquiry;
	struct record_packed record;
};

#define CHANNEL_BODY_BYTES 4096 /* at most, of one word */

struct channel_message {
	enum channel_word word;
	size_t len;
	uint8_t body[CHANNEL_BODY_BYTES];
};

/* Both ends, non-blocking and close-on-exec; false: errno says why. */
bool channel_open(int ends[2]) MUST_CHECK;

/* False when the other process is gone, or does not listen. */
bool channel_say(int end, enum channel_word word);
bool channel_say_more(int end, enum channel_word word, struct slice body);

/* The next word that was said, or NOTHING, or END. */
enum channel_word channel_hear(int end, struct channel_message *message);

/* The body as a struct of `size`; false: it is none. */
bool channel_read(const struct channel_message *message, void *out,
                  size_t size) MUST_CHECK;
