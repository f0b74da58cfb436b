/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Ends the sessions whose queues are longest, when memory runs out.
 */
#pragma once

#include <stddef.h>

struct session_room;

/*
 * Ends sessions (`slow_reader`), the longest queue first, until `bytes` at
 * least were in their queues, or what is left is not worth an end. Gives how
 * many; their memory goes at the end of the turn.
 */
size_t relief_cut(struct session_room *room, size_t bytes);
