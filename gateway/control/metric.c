/* SPDX-License-Identifier: Apache-2.0 */
#include "control/metric.h"

#include <inttypes.h>

static const char *const types[] = {
	[METRIC_COUNTER] = "counter",
	[METRIC_GAUGE] = "gauge",
	[METRIC_HISTOGRAM] = "histogram",
};

void metric_head(const struct metric_page *page)
{
	const struct metric *metric = page->metric;

	fprintf(page->out, "# HELP %s %s\n# TYPE %s %s\n", metric->name,
	        metric->help, metric->name, types[metric->type]);
}

/*
 * One octet of a label's value. As in the log, what is not printable ASCII
 * stands as \xNN: a single octet that is no UTF-8 would spoil the whole page.
 */
static void put_octet(FILE *out, unsigned char octet)
{
	if (octet == '"' || octet == '\\')
		fprintf(out, "\\%c", octet);
	else if (octet < ' ' || octet > '~')
		fprintf(out, "\\\\x%02x", octet);
	else
		fputc(octet, out);
}

static void put_labels(FILE *out, const struct metric_label *labels)
{
	const char *before = "{";

	for (; labels && labels->name; labels++) {
		fprintf(out, "%s%s=\"", before, labels->name);
		for (const char *at = labels->value; *at; at++)
			put_octet(out, (unsigned char)*at);
		fputc('"', out);
		before = ",";
	}
	if (*before == ',')
		fputc('}', out);
}

static void put_name(const struct metric_page *page, const char *suffix,
                     const struct metric_label *labels)
{
	fprintf(page->out, "%s%s", page->metric->name, suffix);
	put_labels(page->out, labels);
	fputc(' ', page->out);
}

void metric_put(const struct metric_page *page,
                const struct metric_label *labels, uint64_t value)
{
	put_name(page, "", labels);
	fprintf(page->out, "%" PRIu64 "\n", value);
}

void metric_put_bucket(const struct metric_page *page, const char *bound,
                       uint64_t value)
{
	put_name(page, "_bucket", METRIC_LABELS({ "le", bound }));
	fprintf(page->out, "%" PRIu64 "\n", value);
}

void metric_put_sum(const struct metric_page *page, uint64_t millionths)
{
	const uint64_t whole = 1000000;

	put_name(page, "_sum", NULL);
	fprintf(page->out, "%" PRIu64 ".%06" PRIu64 "\n", millionths / whole,
	        millionths % whole);
}

void metric_put_count(const struct metric_page *page, uint64_t value)
{
	put_name(page, "_count", NULL);
	fprintf(page->out, "%" PRIu64 "\n", value);
}
