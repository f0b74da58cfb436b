/* SPDX-License-Identifier: Apache-2.0 */
#include "session/alarm.h"

static void arm(struct alarm *alarm);

/* The owner may close it meanwhile: nothing is due then. */
static void on_timer(uv_timer_t *timer)
{
	struct alarm *alarm = (struct alarm *)timer;
	uint64_t now = uv_now(timer->loop);

	for (int i = 0; i < ALARMS; i++) {
		if (alarm->due_ms[i] == 0 || alarm->due_ms[i] > now)
			continue;
		alarm->due_ms[i] = 0;
		alarm->on_due(alarm->owner, (enum alarm_cause)i);
	}
	if (!uv_is_closing((uv_handle_t *)timer))
		arm(alarm);
}

static void arm(struct alarm *alarm)
{
	uint64_t now = uv_now(alarm->timer.loop);
	uint64_t due = 0;

	for (int i = 0; i < ALARMS; i++) {
		if (alarm->due_ms[i] != 0 &&
		    (due == 0 || alarm->due_ms[i] < due))
			due = alarm->due_ms[i];
	}
	if (due == 0)
		uv_timer_stop(&alarm->timer);
	else
		uv_timer_start(&alarm->timer, on_timer,
		               due > now ? due - now : 0, 0);
}

void alarm_init(struct alarm *alarm, uv_loop_t *loop,
                void (*on_due)(void *owner, enum alarm_cause cause),
                void *owner)
{
	uv_timer_init(loop, &alarm->timer);
	alarm->timer.data = owner;
	alarm->on_due = on_due;
	alarm->owner = owner;
}

void alarm_set(struct alarm *alarm, enum alarm_cause cause, uint64_t ms)
{
	alarm->due_ms[cause] = uv_now(alarm->timer.loop) + ms;
	arm(alarm);
}

void alarm_cancel(struct alarm *alarm, enum alarm_cause cause)
{
	if (alarm->due_ms[cause] == 0)
		return;
	alarm->due_ms[cause] = 0;
	arm(alarm);
}

bool alarm_is_set_within(const struct alarm *alarm, enum alarm_cause cause,
                         uint64_t ms)
{
	return alarm->due_ms[cause] != 0 &&
	       alarm->due_ms[cause] <= uv_now(alarm->timer.loop) + ms;
}

bool alarm_is_set(const struct alarm *alarm, enum alarm_cause cause)
{
	return alarm->due_ms[cause] != 0;
}

void alarm_close(struct alarm *alarm, uv_close_cb on_closed)
{
	for (int i = 0; i < ALARMS; i++)
		alarm->due_ms[i] = 0;
	uv_close((uv_handle_t *)&alarm->timer, on_closed);
}
