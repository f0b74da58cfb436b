// SPDX-License-Identifier: Apache-2.0
// Prints how a crowd of clients comes back after a restart of the broker. See
// README.md.
import { setTimeout as pause } from "node:timers/promises";

import { Admin } from "../flow/fixtures/admin.mjs";
import { Broker } from "../flow/fixtures/broker.mjs";
import { configText } from "../flow/fixtures/config.mjs";
import { Gateway } from "../flow/fixtures/gateway.mjs";
import { freePorts } from "../flow/fixtures/ports.mjs";
import { until } from "../flow/fixtures/wait.mjs";
import { StormCrowd } from "./storm_crowd.mjs";

const CLIENTS = Number(process.env.CLIENTS ?? 5000);
const PROCESSES = Number(process.env.PROCESSES ?? 2);
const WORKERS = Number(process.env.WORKERS ?? 2);
const PER_S = Number(process.env.CONNECTS_PER_S ?? 200);
const DOWN_S = Number(process.env.DOWN_S ?? 2);
const LIMIT_MS = 300000;
const LOOK_MS = 100;
const MIB = 1024 * 1024;
const WORDS = /^postern_(handshake_refused|sessions_closed|upstream_connects)_/;

// Only connections are in its log.
const quiet = ["log_type none", "log_type notice"];
const broker = await Broker.start({ settings: quiet });
const [port, adminPort] = await freePorts(2);
const admin = new Admin(adminPort);
const gateway = await Gateway.start({
  config: configText({
    port,
    brokerPort: broker.port,
    workers: WORKERS,
    upstream: { connects_per_s: PER_S },
    admin: admin.setting,
  }),
  release: true,
});
const crowd = await StormCrowd.start({ port, count: CLIENTS, processes: PROCESSES });
const isBack = () => crowd.connected === CLIENTS;
const patience = { deadline: LIMIT_MS, what: "all are connected" };
try {
  await until(isBack, patience);
  console.log(`${CLIENTS} clients, ${PER_S} connects a second`);
  await storm();
} finally {
  await crowd.stop();
  await gateway.stop({ deadline: 60000 });
  await broker.stop();
}

async function storm() {
  const before = await admin.metrics();
  const steady = await gateway.memory();
  let peak = steady;
  const look = setInterval(async () => {
    peak = Math.max(peak, await gateway.memory());
  }, LOOK_MS);
  await broker.down();
  await until(() => crowd.connected === 0, { ...patience, what: "the end" });
  await pause(DOWN_S * 1000);
  const start = performance.now();
  await broker.up();
  const after = (share) =>
    until(() => crowd.connected >= CLIENTS * share, patience).then(
      () => `${((performance.now() - start) / 1000).toFixed(1)} s`,
    );
  const [half, most, all] = await Promise.all([0.5, 0.9, 1].map(after));
  clearInterval(look);
  console.log(`back: half after ${half}, 9 of 10 after ${most}, all after ${all}`);
  printSeconds();
  printWords(before, await admin.metrics());
  printMemory(steady, peak, await gateway.memory());
}

function printSeconds() {
  const seconds = new Map();
  for (const line of broker.lines) {
    const found = /^(\d+): New connection from /.exec(line);
    if (found) seconds.set(found[1], (seconds.get(found[1]) ?? 0) + 1);
  }
  const counts = [...seconds.values()];
  const sum = counts.reduce((a, b) => a + b, 0);
  const most = Math.max(...counts);
  console.log(`broker: ${sum} connections, ${most} in any second at most,`);
  console.log(`  in ${counts.length} seconds: ${counts.join(" ")}`);
}

function printWords(before, after) {
  for (const [sample, value] of after.samples) {
    const more = value - (before.samples.get(sample) ?? 0);
    if (WORDS.test(sample) && more > 0) console.log(`${sample} +${more}`);
  }
}

function printMemory(steady, peak, after) {
  const [one, two, three] = [steady, peak, after].map((bytes) =>
    (bytes / MIB).toFixed(1),
  );
  const ratio = (peak / steady).toFixed(2);
  console.log(`workers: ${one} MiB before, ${two} at the peak, ${three} after`);
  console.log(`  the peak is ${ratio} times what it was`);
}
