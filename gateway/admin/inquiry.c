/* SPDX-License-Identifier: Apache-2.0 */
#include "admin/inquiry.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "control/who.h"

#define LIMIT_MS 1000
#define CODE_USAGE 64
#define CODE_FAILED 1

struct inquiry {
	struct inquiry *next;
	struct inquiries *all;
	struct admin_asker *asker;
	struct who *who;
	uint32_t number;
	size_t awaited; /* workers that have not said all they know */
	uv_timer_t limit;
};

static void on_closed(uv_handle_t *handle)
{
	struct inquiry *inquiry = handle->data;

	who_destroy(inquiry->who);
	free(inquiry);
}

static void drop(struct inquiry *inquiry)
{
	struct inquiry **at = &inquiry->all->first;

	while (*at != inquiry)
		at = &(*at)->next;
	*at = inquiry->next;
	uv_close((uv_handle_t *)&inquiry->limit, on_closed);
}

static void answer(struct inquiry *inquiry)
{
	int code = CODE_FAILED;

	who_add_archive(inquiry->who, inquiry->all->archive);
	char *text = who_text(inquiry->who, &code);

	admin_answer(inquiry->asker, code, text ? text : "no memory\n");
	free(text);
	drop(inquiry);
}

static void on_limit(uv_timer_t *timer)
{
	answer(timer->data);
}

static void ask_workers(struct inquiry *inquiry, const struct question *about)
{
	struct channel_question body = { .inquiry = inquiry->number };

	body.question = *about;
	inquiry->awaited = succession_say(
	    inquiry->all->succession, CHANNEL_WHO,
	    (struct slice){ (const uint8_t *)&body, sizeof body });
}

static struct inquiry *create(struct inquiries *inquiries,
                              const struct who_request *request)
{
	struct inquiry *inquiry = calloc(1, sizeof *inquiry);

	if (!inquiry)
		return NULL;
	inquiry->who = who_create(request, record_now_ms());
	if (!inquiry->who) {
		free(inquiry);
		return NULL;
	}
	inquiry->all = inquiries;
	inquiry->number = ++inquiries->last_number;
	inquiry->next = inquiries->first;
	inquiries->first = inquiry;
	uv_timer_init(inquiries->succession->room.loop, &inquiry->limit);
	inquiry->limit.data = inquiry;
	uv_timer_start(&inquiry->limit, on_limit, LIMIT_MS, 0);
	return inquiry;
}

static void refuse(struct admin_asker *asker, const char *why)
{
	char text[160];

	snprintf(text, sizeof text, "who: %s\n", why);
	admin_answer(asker, CODE_USAGE, text);
}

void inquiry_open(struct inquiries *inquiries, const char *arguments,
                  struct admin_asker *asker)
{
	struct who_request request;
	const char *why;

	if (!who_request_read(arguments, &request, &why)) {
		refuse(asker, why);
		return;
	}
	struct inquiry *inquiry = create(inquiries, &request);

	if (!inquiry) {
		admin_answer(asker, CODE_FAILED, "no memory\n");
		return;
	}
	inquiry->asker = asker;
	ask_workers(inquiry, &request.question);
	if (inquiry->awaited == 0)
		answer(inquiry);
}

static struct inquiry *find(struct inquiries *inquiries, uint32_t number)
{
	struct inquiry *at = inquiries->first;

	while (at && at->number != number)
		at = at->next;
	return at;
}

static void on_found(struct inquiries *inquiries,
                     const struct channel_message *message)
{
	struct channel_found found;
	struct inquiry *inquiry;

	if (!channel_read(message, &found, sizeof found))
		return;
	inquiry = find(inquiries, found.inquiry);
	if (inquiry)
		who_add(inquiry->who, &found.record);
}

static void on_told(struct inquiries *inquiries,
                    const struct channel_message *message)
{
	uint32_t number;
	struct inquiry *inquiry;

	if (!channel_read(message, &number, sizeof number))
		return;
	inquiry = find(inquiries, number);
	if (inquiry && --inquiry->awaited == 0)
		answer(inquiry);
}

void inquiry_hear(struct inquiries *inquiries,
                  const struct channel_message *message)
{
	if (message->word == CHANNEL_FOUND)
		on_found(inquiries, message);
	else if (message->word == CHANNEL_TOLD)
		on_told(inquiries, message);
}

void inquiry_forget_all(struct inquiries *inquiries)
{
	while (inquiries->first)
		drop(inquiries->first);
}
