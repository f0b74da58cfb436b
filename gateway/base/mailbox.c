/* SPDX-License-Identifier: Apache-2.0 */
#include "base/mailbox.h"

#include <assert.h>
#include <stddef.h>

bool mailbox_init(struct mailbox *mailbox, void (*wake)(void *owner),
                  void *owner)
{
	mailbox->first = NULL;
	mailbox->last = NULL;
	mailbox->wake = wake;
	mailbox->owner = owner;
	return pthread_mutex_init(&mailbox->lock, NULL) == 0;
}

void mailbox_finish(struct mailbox *mailbox)
{
	assert(!mailbox->first);
	pthread_mutex_destroy(&mailbox->lock);
}

void mailbox_post(struct mailbox *mailbox, struct mailbox_item *item)
{
	item->next = NULL;
	pthread_mutex_lock(&mailbox->lock);
	bool was_empty = !mailbox->first;

	if (was_empty)
		mailbox->first = item;
	else
		mailbox->last->next = item;
	mailbox->last = item;
	pthread_mutex_unlock(&mailbox->lock);
	if (was_empty)
		mailbox->wake(mailbox->owner);
}

struct mailbox_item *mailbox_take(struct mailbox *mailbox)
{
	pthread_mutex_lock(&mailbox->lock);
	struct mailbox_item *all = mailbox->first;

	mailbox->first = NULL;
	mailbox->last = NULL;
	pthread_mutex_unlock(&mailbox->lock);
	return all;
}
