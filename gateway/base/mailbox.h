/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What one thread leaves for another: in any order of threads, out in the
 * order it came. The one place with a lock.
 *
 * An item is part of what is sent, which belongs to the mailbox from post to
 * take. Nothing here is bounded: who posts keeps to a bound of his own.
 */
#pragma once

#include <pthread.h>
#include <stdbool.h>

#include "base/attribute.h"

struct mailbox_item {
	struct mailbox_item *next;
};

struct mailbox {
	pthread_mutex_t lock;
	struct mailbox_item *first; /* NULL: empty */
	struct mailbox_item *last;
	void (*wake)(void *owner); /* called by whoever posts */
	void *owner;
};

/* `wake` is called when an item came and there was none. False: no memory. */
bool mailbox_init(struct mailbox *mailbox, void (*wake)(void *owner),
                  void *owner) MUST_CHECK;

/* It must be empty. */
void mailbox_finish(struct mailbox *mailbox);

void mailbox_post(struct mailbox *mailbox, struct mailbox_item *item);

/* Takes all there is, the oldest first; NULL: nothing. */
struct mailbox_item *mailbox_take(struct mailbox *mailbox);
