/* SPDX-License-Identifier: Apache-2.0 */
#include "page/will.h"

#include <stdio.h>
#include <stdlib.h>

#include "config/config.h"
#include "page/page.h"
#include "policy/client_id.h"
#include "policy/variable.h"
#include "session/session.h"

#define CLIENT_ID_BYTES 1024

/* `text` with its values; NULL: no memory. */
static char *expand(const char *text, const struct client_id_values *values,
                    struct slice *result)
{
	struct slice rest = slice_from_text(text);
	struct variable_piece piece;
	char *written = NULL;
	size_t len = 0;
	FILE *out = open_memstream(&written, &len);

	if (!out)
		return NULL;
	while (variable_next(&rest, &piece)) {
		struct slice value = client_id_text(&piece, values);

		if (value.len > 0)
			fwrite(value.data, 1, value.len, out);
	}
	if (fclose(out) != 0) {
		free(written);
		return NULL;
	}
	*result = (struct slice){ (const uint8_t *)written, len };
	return written;
}

bool will_write(struct will *will, const struct session *session)
{
	const struct config_will *config = &session->route->config->will;
	char buffer[CLIENT_ID_BYTES];
	const char *user = session->browser.user;
	struct client_id_values values = {
		.user =
		    user ? slice_from_text(user) : (struct slice){ NULL, 0 },
		.client = slice_from_text(session->page->line.client_id),
		.session = slice_from_text(session->id),
	};

	if (!config->is_set)
		return true;
	/* Where the rule refuses it, the judge will too. */
	(void)!client_id_apply(&session->route->client_id, &values, buffer,
	                       sizeof buffer, &values.client);
	will->topic =
	    expand(config->topic.value, &values, &will->message.topic);
	will->payload =
	    expand(config->payload.value ? config->payload.value : "", &values,
	           &will->message.payload);
	will->message.qos = (uint8_t)config->qos;
	will->message.is_retained = config->retain;
	will->is_set = true;
	return will->topic && will->payload;
}

void will_finish(struct will *will)
{
	free(will->topic);
	free(will->payload);
	*will = (struct will){ 0 };
}
