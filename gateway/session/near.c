/* SPDX-License-Identifier: Apache-2.0 */
#include "session/near.h"

bool near_is_there(const struct near *near)
{
	return near->ws || near->stream;
}

bool near_send(const struct near *near, uint8_t *data, size_t len)
{
	if (near->ws)
		return ws_send(near->ws, data, len);
	return !near->stream ||
	       stream_send(near->stream, (struct slice){ data, len });
}

bool near_is_full(const struct near *near)
{
	if (near->ws)
		return ws_is_full(near->ws);
	return near->stream && stream_is_full(near->stream);
}

void near_pause(const struct near *near)
{
	if (near->ws)
		ws_pause(near->ws);
	else if (near->stream)
		stream_pause(near->stream);
}

void near_resume(const struct near *near)
{
	if (near->ws)
		ws_resume(near->ws);
	else if (near->stream)
		stream_resume(near->stream);
}

bool near_is_paused(const struct near *near)
{
	if (near->ws)
		return near->ws->is_paused;
	return near->stream && stream_is_paused(near->stream);
}
