/* SPDX-License-Identifier: Apache-2.0 */
/*
 * One timer for all that a session waits for.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include <uv.h>

enum alarm_cause {
	ALARM_DEADLINE = 0, /* of CONNECT; later of a packet begun */
	ALARM_HELD,         /* reading may go on, perhaps */
	ALARM_DRAIN,        /* the session's moment to end */
	ALARM_RETRY,        /* connect again (page/line) */
	ALARM_ENDING,       /* no more waiting for the last answers */
	ALARM_KIND,         /* whatever the kind has in mind */
	ALARMS,
};

struct alarm {
	uv_timer_t timer;
	uint64_t due_ms[ALARMS]; /* 0: not set */
	void (*on_due)(void *owner, enum alarm_cause cause);
	void *owner;
};

void alarm_init(struct alarm *alarm, uv_loop_t *loop,
                void (*on_due)(void *owner, enum alarm_cause cause),
                void *owner);

/* Once, `ms` from now; an earlier setting of this cause is forgotten. */
void alarm_set(struct alarm *alarm, enum alarm_cause cause, uint64_t ms);
void alarm_cancel(struct alarm *alarm, enum alarm_cause cause);
/* Whether it is due within `ms` from now. */
bool alarm_is_set_within(const struct alarm *alarm, enum alarm_cause cause,
                         uint64_t ms);
bool alarm_is_set(const struct alarm *alarm, enum alarm_cause cause);

/* `on_closed` gets the timer's handle, whose data is the owner. */
void alarm_close(struct alarm *alarm, uv_close_cb on_closed);
