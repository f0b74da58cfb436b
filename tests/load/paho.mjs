// SPDX-License-Identifier: Apache-2.0
// Prints what json sessions cost in one worker: connecting, a message and its
// way, memory, and the processor while nothing happens. See README.md.
import { performance } from "node:perf_hooks";
import { setTimeout as pause } from "node:timers/promises";

import { memoryOf, processorTimeOf } from "../flow/fixtures/accounts.mjs";
import { Broker } from "../flow/fixtures/broker.mjs";
import { Client } from "../flow/fixtures/client.mjs";
import { configText, mqttRoute } from "../flow/fixtures/config.mjs";
import { Gateway } from "../flow/fixtures/gateway.mjs";
import { freePort } from "../flow/fixtures/ports.mjs";
import { quantile } from "../flow/fixtures/probe.mjs";
import { JsonSession } from "./json_session.mjs";

const SIZES = (process.env.SESSIONS ?? "1,100,500").split(",").map(Number);
const SPARSE = Number(process.env.SPARSE ?? 300); // messages each way
const SPARSE_MS = 20;
const RATE = Number(process.env.RATE ?? 500); // messages a second
const RATE_S = Number(process.env.RATE_S ?? 5);
const TICK_MS = 10;
const IDLE_S = 5;
const CONNECTS = 50; // the least that a quantile rests on
const KIB = 1024;
const PARTS = [0.5, 0.99];
const PAYLOAD = "x".repeat(64);

const table = new Map(); // title -> a cell for each size
for (const size of SIZES) await measure(size);
print();

async function measure(size) {
  const broker = await Broker.start({ settings: ["log_type none"] });
  const port = await freePort();
  const config = configText({
    port,
    brokerPort: broker.port,
    upstream: { connects_per_s: 0 },
    paho_sessions_per_worker: 1000, // those that leave count for a moment
    routes: [mqttRoute({ path: "/json", kind: "json" })],
  });
  const gateway = await Gateway.start({ config, release: true });
  const [worker] = await gateway.workers();
  const device = await Client.open(`mqtt://127.0.0.1:${broker.port}`);
  const stage = { url: `ws://127.0.0.1:${port}/json`, worker, device };
  try {
    await measureStage(stage, size);
  } finally {
    await device.end();
    await gateway.stop();
    await broker.stop();
  }
}

async function measureStage(stage, size) {
  const { worker } = stage;
  const first = await open(stage, "first"); // what the first one brings along
  const before = await memoryOf(worker);
  const connected = await connects(stage, size);
  const sessions = connected.sessions;
  const after = await memoryOf(worker);
  const grown = (after.resident - before.resident) / sessions.length;
  note("memory of a session, KiB", grown / KIB, 1);
  notePair("connect, one at a time, ms", connected.times, 2);
  note("idle, % of a processor", await idleShare(worker), 2);
  notePair("device to page, us", await down(stage, sessions), 0);
  notePair("page to PUBACK, us", await up(sessions), 0);
  note(`${RATE}/s down, us a message`, await rateDown(stage, sessions), 1);
  note(`${RATE}/s up, us a message`, await rateUp(stage, sessions), 1);
  notePair("connect, the others busy, ms", await busy(stage, sessions), 2);
  await Promise.all(sessions.map((session) => session.close()));
  notePair("connect, all at once, ms", await burst(stage, size), 2);
  await first.close();
}

function open({ url }, name) {
  return JsonSession.open(url, `paho/${name}`);
}

// Sessions one after the other, and how long each took. More than `size` of
// them come and go where that is too few to say anything.
async function connects(stage, size) {
  const times = [];
  const sessions = [];
  for (let i = 0; i < size; i++) {
    const session = await open(stage, `${i}`);
    times.push(session.took);
    sessions.push(session);
  }
  for (let i = size; i < CONNECTS; i++) {
    const session = await open(stage, "more");
    times.push(session.took);
    await session.close();
  }
  for (const session of sessions) await session.subscribe(1);
  return { sessions, times };
}

async function burst(stage, size) {
  const times = [];
  for (let round = 0; times.length < CONNECTS; round++) {
    const names = Array.from({ length: size }, (_, i) => `${round}/${i}`);
    const all = await Promise.all(names.map((name) => open(stage, name)));
    times.push(...all.map(({ took }) => took));
    await Promise.all(all.map((session) => session.close()));
  }
  return times;
}

async function idleShare(worker) {
  const spent = await spentDuring(worker, () => pause(IDLE_S * 1000));
  return spent / IDLE_S / 1e4;
}

// One message at a time, from the device to each page in turn.
async function down({ device }, sessions) {
  const times = [];
  for (let i = 0; i < SPARSE; i++) {
    await pause(SPARSE_MS);
    const session = sessions[i % sessions.length];
    const start = performance.now();
    device.mqtt.publish(session.topic, PAYLOAD, { qos: 1 });
    await session.message();
    times.push((performance.now() - start) * 1000);
  }
  return times;
}

// One publish of QoS 1 at a time, from each page in turn, until its ack.
async function up(sessions) {
  const times = [];
  for (let i = 0; i < SPARSE; i++) {
    await pause(SPARSE_MS);
    const start = performance.now();
    await sessions[i % sessions.length].publish("paho/up", PAYLOAD);
    times.push((performance.now() - start) * 1000);
  }
  return times;
}

async function rateDown({ worker, device }, sessions) {
  const all = [];
  const spent = await spentDuring(worker, async () => {
    await steadily((i) => {
      const session = sessions[i % sessions.length];
      all.push(session.message());
      device.mqtt.publish(session.topic, PAYLOAD, { qos: 1 });
    });
    await Promise.all(all);
  });
  return spent / all.length;
}

async function rateUp({ worker }, sessions) {
  const all = [];
  const spent = await spentDuring(worker, async () => {
    await steadily((i) => {
      const session = sessions[i % sessions.length];
      all.push(session.publish("paho/up", PAYLOAD));
    });
    await Promise.all(all);
  });
  return spent / all.length;
}

// Sessions that come and go one after the other while the others receive.
async function busy(stage, sessions) {
  const times = [];
  let isBusy = true;
  const load = rateDown(stage, sessions).finally(() => (isBusy = false));
  while (isBusy) {
    const session = await open(stage, "late");
    times.push(session.took);
    await session.close();
    await pause(SPARSE_MS);
  }
  await load;
  return times;
}

// Calls `send(i)` RATE times a second, for RATE_S.
async function steadily(send) {
  const start = performance.now();
  let sent = 0;
  while (sent < RATE * RATE_S) {
    const due = ((performance.now() - start) / 1000) * RATE;
    while (sent < Math.min(due, RATE * RATE_S)) send(sent++);
    await pause(TICK_MS);
  }
}

// Microseconds of processor time of the worker.
async function spentDuring(worker, work) {
  const before = await processorTimeOf(worker);
  await work();
  return (await processorTimeOf(worker)) - before;
}

function notePair(title, times, digits) {
  const sorted = [...times].sort((a, b) => a - b);
  for (const part of PARTS) {
    note(`${title}, p${part * 100}`, quantile(sorted, part), digits);
  }
}

function note(title, value, digits) {
  if (!table.has(title)) table.set(title, []);
  table.get(title).push(value.toFixed(digits));
}

function print() {
  const line = (title, cells) =>
    console.log(title.padEnd(36) + cells.map((x) => x.padStart(12)).join(""));
  line("json sessions in one worker", SIZES.map(String));
  for (const [title, cells] of table) line(title, cells);
}
