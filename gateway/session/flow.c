/* SPDX-License-Identifier: Apache-2.0 */
#include "session/flow.h"

#include <assert.h>
#include <string.h>

void flow_finish(struct flow *flow)
{
	mqtt_scanner_finish(&flow->scanner);
	backlog_finish(&flow->owed);
}

bool flow_is_at_border(const struct flow *flow)
{
	return flow->scanner.body_left == 0 || flow->is_dropping;
}

bool flow_owes_much(const struct flow *flow)
{
	return flow_owes(flow) &&
	       backlog_peek(&flow->owed).len > FLOW_OWED_BYTES;
}

bool flow_owe(struct flow *flow, struct slice packet)
{
	return backlog_put(&flow->owed, packet);
}

bool flow_answer(struct flow *flow, struct flow *back, struct slice answer)
{
	if (answer.len == 0)
		return true;
	if (flow->scanner.body_left == 0)
		return flow_owe(back, answer);
	assert(answer.len <= sizeof(flow->late));
	memcpy(flow->late, answer.data, answer.len);
	flow->late_len = (uint8_t)answer.len;
	return true;
}

bool flow_answer_late(struct flow *flow, struct flow *back)
{
	struct slice answer = { flow->late, flow->late_len };

	if (flow->late_len == 0 || flow->scanner.body_left > 0)
		return true;
	flow->late_len = 0;
	return flow_owe(back, answer);
}
