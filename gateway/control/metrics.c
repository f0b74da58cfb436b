/* SPDX-License-Identifier: Apache-2.0 */
#include "control/metrics.h"

#include <stdio.h>
#include <stdlib.h>

#include "control/metric.h"

char *metrics_text(const struct metrics_view *view)
{
	char *text = NULL;
	size_t len = 0;
	struct metric_page page = {
		.out = open_memstream(&text, &len),
		.view = view,
	};

	if (!page.out)
		return NULL;
	for (size_t i = 0; i < metric_count; i++) {
		page.metric = &metric_list[i];
		metric_head(&page);
		page.metric->read(&page);
	}
	if (fclose(page.out) == 0)
		return text;
	free(text);
	return NULL;
}
