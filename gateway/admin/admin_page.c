/* SPDX-License-Identifier: Apache-2.0 */
#include "admin/admin_page.h"

#include <stdlib.h>

#include "control/metrics.h"
#include "control/readiness.h"
#include "front/http.h"
#include "process/renewal.h"
#include "process/worker.h"
#include "tls/listener.h"

/* Of the listeners that have one; gives how many that are. */
static size_t list_certificates(const struct worker_setup *setup,
                                const struct renewal *renewal,
                                struct metrics_certificate *list)
{
	size_t listeners = setup->snapshot->config->listener_count;
	size_t count = 0;

	for (size_t i = 0; i < listeners; i++) {
		const struct tls_listener *tls = renewal_shown(renewal, i);

		if (tls)
			list[count++] = (struct metrics_certificate){
				setup->set->list[i]->name,
				tls_listener_expiry(tls),
			};
	}
	return count;
}

static char *write_metrics(const struct worker_setup *setup,
                           const struct renewal *renewal)
{
	const struct config *config = setup->snapshot->config;
	struct metrics_certificate *certificates =
	    calloc(config->listener_count + 1, sizeof certificates[0]);
	char *text;

	if (!certificates)
		return NULL;

	const struct metrics_view view = {
		.shared = setup->shared,
		.config = config,
		.version = POSTERN_VERSION,
		.certificates = certificates,
		.certificate_count =
		    list_certificates(setup, renewal, certificates),
	};

	text = metrics_text(&view);
	free(certificates);
	return text;
}

void admin_page_answer(const struct worker_setup *setup,
                       const struct renewal *renewal, struct slice path,
                       struct http_page *page)
{
	if (slice_is(path, "/metrics"))
		*page = (struct http_page){ 200, HTTP_METRICS,
			                    write_metrics(setup, renewal) };
	else if (slice_is(path, "/healthz"))
		*page = (struct http_page){ 200, HTTP_TEXT, readiness_alive() };
	else if (slice_is(path, "/readyz"))
		page->text = readiness_text(
		    setup->shared, setup->snapshot->config, &page->status);
}
