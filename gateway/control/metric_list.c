/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The metrics, each once, in the order of the page.
 */
#include "base/shared.h"
#include "control/metric.h"
#include "control/metric_source.h"

#define ADJOIN(first, second) _Static_assert((second) == (first) + 1, "words")

ADJOIN(SHARED_PACKETS_FROM_BROWSER, SHARED_PACKETS_FROM_BROKER);
ADJOIN(SHARED_BYTES_FROM_BROWSER, SHARED_BYTES_FROM_BROKER);
ADJOIN(SHARED_UPSTREAM_CONNECTS, SHARED_UPSTREAM_FAILURES);
ADJOIN(SHARED_UPSTREAM_FAILURES, SHARED_UPSTREAM_HELD_BACK);
ADJOIN(SHARED_CONNECT_US, SHARED_CONNECT_BUCKETS);
ADJOIN(SHARED_PAHO_ORDERS, SHARED_PAHO_REQUESTS);
ADJOIN(SHARED_RELOADS, SHARED_RELOADS_FAILED);

const struct metric metric_list[] = {
	{ .name = "postern_build_info",
	  .type = METRIC_GAUGE,
	  .help = "Always 1; the label is the version that runs.",
	  .read = metric_source_build },
	{ .name = "process_start_time_seconds",
	  .type = METRIC_GAUGE,
	  .help = "Unix time when the master began.",
	  .read = metric_source_start },

	{ .name = "postern_workers",
	  .type = METRIC_GAUGE,
	  .help =
	      "Worker processes, those included that only wait for their last "
	      "sessions.",
	  .read = metric_source_workers },
	{ .name = "postern_workers_accepting",
	  .type = METRIC_GAUGE,
	  .help = "Workers that accept connections.",
	  .read = metric_source_gauge,
	  .first = SHARED_IS_ACCEPTING },
	{ .name = "postern_worker_restarts_total",
	  .type = METRIC_COUNTER,
	  .help = "Workers that died and were replaced.",
	  .read = metric_source_deed,
	  .first = SHARED_RESTARTS },
	{ .name = "postern_reloads_total",
	  .type = METRIC_COUNTER,
	  .help =
	      "Times that the configuration was to be loaded again, by result.",
	  .read = metric_source_deed,
	  .first = SHARED_RELOADS,
	  .label = "result",
	  .words = { "ok", "failed" } },
	{ .name = "postern_memory_bytes",
	  .type = METRIC_GAUGE,
	  .help = "Resident memory of all workers.",
	  .read = metric_source_gauge,
	  .first = SHARED_MEMORY_BYTES },
	{ .name = "postern_log_dropped_total",
	  .type = METRIC_COUNTER,
	  .help = "Lines of the log that stderr did not take.",
	  .read = metric_source_counter,
	  .first = SHARED_LOG_DROPPED },
	{ .name = "postern_tls_not_after_seconds",
	  .type = METRIC_GAUGE,
	  .help = "Unix time when the certificate that a listener shows ends.",
	  .read = metric_source_not_after },

	{ .name = "postern_connections_total",
	  .type = METRIC_COUNTER,
	  .help = "Connections accepted from browsers.",
	  .read = metric_source_counter,
	  .first = SHARED_CONNECTIONS },
	{ .name = "postern_handshake_refused_total",
	  .type = METRIC_COUNTER,
	  .help = "Handshakes refused, by reason.",
	  .read = metric_source_refusals },
	{ .name = "postern_sessions",
	  .type = METRIC_GAUGE,
	  .help =
	      "Sessions that live now; route \"-\" is what the configuration "
	      "does not have any more.",
	  .read = metric_source_sessions },
	{ .name = "postern_sessions_opened_total",
	  .type = METRIC_COUNTER,
	  .help = "Sessions whose upstream was reached.",
	  .read = metric_source_opened },
	{ .name = "postern_sessions_closed_total",
	  .type = METRIC_COUNTER,
	  .help = "Sessions ended, by reason.",
	  .read = metric_source_closes },

	{ .name = "postern_packets_total",
	  .type = METRIC_COUNTER,
	  .help =
	      "MQTT packets read, by the side they came from; the side of the "
	      "browser of a json or channel route is the gateway's own client.",
	  .read = metric_source_counter,
	  .first = SHARED_PACKETS_FROM_BROWSER,
	  .label = "from",
	  .words = { "browser", "broker" } },
	{ .name = "postern_bytes_total",
	  .type = METRIC_COUNTER,
	  .help = "Bytes of messages, by the side they came from: payloads of "
	          "WebSocket frames, and what brokers sent.",
	  .read = metric_source_counter,
	  .first = SHARED_BYTES_FROM_BROWSER,
	  .label = "from",
	  .words = { "browser", "broker" } },
	{ .name = "postern_acl_denied_total",
	  .type = METRIC_COUNTER,
	  .help = "What sessions were not allowed to do, by operation.",
	  .read = metric_source_denied },

	{ .name = "postern_upstream_reachable",
	  .type = METRIC_GAUGE,
	  .help = "Whether a broker address answered the last look at it.",
	  .read = metric_source_reachable },
	{ .name = "postern_upstream_connects_total",
	  .type = METRIC_COUNTER,
	  .help = "Connections to brokers for sessions, by result.",
	  .read = metric_source_counter,
	  .first = SHARED_UPSTREAM_CONNECTS,
	  .label = "result",
	  .words = { "reached", "failed", "held_back" } },
	{ .name = "postern_takeover_backoffs_total",
	  .type = METRIC_COUNTER,
	  .help = "Times that a client id was held back because clients took "
	          "it from each other.",
	  .read = metric_source_counter,
	  .first = SHARED_TAKEOVER_BACKOFFS },
	{ .name = "postern_upstream_connect_seconds",
	  .type = METRIC_HISTOGRAM,
	  .help = "How long it took until a broker was reached: name, other "
	          "addresses "
	          "and all.",
	  .read = metric_source_latency,
	  .first = SHARED_CONNECT_BUCKETS },

	{ .name = "postern_queue_bytes",
	  .type = METRIC_GAUGE,
	  .help = "Bytes that wait in the gateway for a slow browser or "
	          "broker; as of "
	          "the last second.",
	  .read = metric_source_gauge,
	  .first = SHARED_QUEUE_BYTES },
	{ .name = "postern_slow_reader_pauses_total",
	  .type = METRIC_COUNTER,
	  .help = "Times that a broker was not read because the browser took "
	          "no more.",
	  .read = metric_source_counter,
	  .first = SHARED_SLOW_READER_PAUSES },
	{ .name = "postern_slow_broker_pauses_total",
	  .type = METRIC_COUNTER,
	  .help = "Times that a browser was not read because the broker took "
	          "no more.",
	  .read = metric_source_counter,
	  .first = SHARED_SLOW_BROKER_PAUSES },
	{ .name = "postern_messages_dropped_total",
	  .type = METRIC_COUNTER,
	  .help = "Messages of QoS 0 for pages of json and channel routes that "
	          "were "
	          "too slow.",
	  .read = metric_source_counter,
	  .first = SHARED_MESSAGES_DROPPED },

	{ .name = "postern_paho_clients",
	  .type = METRIC_GAUGE,
	  .help = "MQTT clients of the gateway's own: for json and channel "
	          "sessions, "
	          "and to look at brokers; as of the last second.",
	  .read = metric_source_gauge,
	  .first = SHARED_PAHO_CLIENTS },
	{ .name = "postern_paho_queue",
	  .type = METRIC_GAUGE,
	  .help = "What was asked of these clients and waits for their thread, "
	          "or for "
	          "the broker's answer; as of the last second.",
	  .read = metric_source_gauge,
	  .first = SHARED_PAHO_ORDERS,
	  .label = "waits_for",
	  .words = { "thread", "answer" } },
};

const size_t metric_count = sizeof metric_list / sizeof metric_list[0];
