// SPDX-License-Identifier: Apache-2.0
// Prints what a message, a session and a handshake cost in the gateway, and
// in HAProxy beside it. See README.md.
import { performance } from "node:perf_hooks";

import { configText } from "../flow/fixtures/config.mjs";
import { Gateway } from "../flow/fixtures/gateway.mjs";
import * as packets from "../flow/fixtures/packets.mjs";
import { freePorts } from "../flow/fixtures/ports.mjs";
import { quantile } from "../flow/fixtures/probe.mjs";
import { Hops, HOPS } from "./hops.mjs";

const ROUNDS = Number(process.env.ROUNDS ?? 5);
const IDLE = Number(process.env.IDLE ?? 1000);
const STARTS = 9;
const FANOUT = 200;
const KIB = 1024;

// `waiting` messages go out in one write, `bursts` times, each when the one
// before has arrived.
const ROWS = [
  row("64 B", "down", 64, 1, 2000),
  row("64 B", "up", 64, 1, 2000),
  row("64 B, 16 waiting", "down", 64, 16, 1000),
  row("64 B, 16 waiting", "up", 64, 16, 1000),
  row("256 B to 200", "down", 256, 1, 20, FANOUT),
  row("256 B to 200, 8 waiting", "down", 256, 8, 20, FANOUT),
  row("16 KiB", "down", 16 * KIB, 1, 1000),
  row("16 KiB", "up", 16 * KIB, 1, 1000),
  row("1 MiB", "down", KIB * KIB, 1, 60),
  row("1 MiB", "up", KIB * KIB, 1, 60),
];

function row(name, direction, size, waiting, bursts, sessions = 1) {
  return { name, direction, size, waiting, bursts, sessions };
}

const median = (values) => quantile([...values].sort((a, b) => a - b), 0.5);

await messages();
await sessions();
await starts();

async function messages() {
  console.log(`processor time for a message, us (median of ${ROUNDS})`);
  head(["ws", "wss", "haproxy", "ws/haproxy", "wss/haproxy"]);
  const times = Object.fromEntries(HOPS.map((hop) => [hop, []]));
  const hops = await Hops.start();
  for (const one of ROWS) {
    const costs = await costsOf(hops, one, times);
    line(`${one.name} ${one.direction}`, costs, 2);
  }
  await hops.stop();
  console.log("\nfrom one end to the other, a lone message of 64 B, us");
  head(["ws", "wss", "haproxy", "ws/haproxy", "wss/haproxy"]);
  for (const part of [0.5, 0.99]) {
    const at = (hop) => quantile(times[hop].sort((a, b) => a - b), part);
    line(`p${part * 100}`, Object.fromEntries(HOPS.map((x) => [x, at(x)])), 1);
  }
}

// The hops take turns, so that what the machine does hits all of them.
async function costsOf(hops, one, times) {
  const open = {};
  for (const hop of HOPS) {
    open[hop] = [];
    for (let i = 0; i < one.sessions; i++) {
      open[hop].push(await hops.open(hop));
    }
    await run(open[hop], { ...one, bursts: Math.ceil(one.bursts / 10) }, []);
  }
  const costs = Object.fromEntries(HOPS.map((hop) => [hop, []]));
  for (let round = 0; round < ROUNDS; round++) {
    for (const hop of HOPS) {
      const isLone = one.size === 64 && one.waiting === 1;
      const before = await hops.processorTime(hop);
      await run(open[hop], one, isLone ? times[hop] : []);
      const spent = (await hops.processorTime(hop)) - before;
      costs[hop].push(spent / (one.bursts * one.waiting * one.sessions));
    }
  }
  for (const session of Object.values(open).flat()) session.close();
  return Object.fromEntries(HOPS.map((hop) => [hop, median(costs[hop])]));
}

async function run(sessions, { direction, size, waiting, bursts }, times) {
  const payload = Buffer.alloc(size, "b");
  const packet = packets.publish({ topic: "bench", payload });
  const bytes = sessions[0].prepare(direction, packet, waiting);
  for (let i = 0; i < bursts; i++) {
    const start = performance.now();
    const arrivals = sessions.map((session) => {
      const end = session[direction] + packet.length * waiting;
      session.write(direction, bytes);
      return session.until(direction, end);
    });
    await Promise.all(arrivals);
    times.push((performance.now() - start) * 1000);
  }
}

async function sessions() {
  console.log(`\n${IDLE} idle sessions, fresh processes`);
  head(["ws", "wss", "haproxy", "ws/haproxy", "wss/haproxy"]);
  const memory = {};
  const handshake = {};
  for (const hop of HOPS) {
    const hops = await Hops.start();
    const open = [];
    for (let i = 0; i < IDLE / 10; i++) open.push(await hops.open(hop));
    const before = await hops.memory(hop);
    const spent = await hops.processorTime(hop);
    for (let i = 0; i < IDLE; i++) open.push(await hops.open(hop));
    handshake[hop] = ((await hops.processorTime(hop)) - spent) / IDLE;
    memory[hop] = ((await hops.memory(hop)) - before) / IDLE / KIB;
    for (const session of open) session.close();
    await hops.stop();
  }
  line("memory of one, KiB", memory, 1);
  line("connecting, us", handshake, 0);
}

async function starts() {
  const times = [];
  for (let i = 0; i < STARTS; i++) {
    const [port, brokerPort] = await freePorts(2);
    const config = configText({ port, brokerPort, workers: 0 });
    const start = performance.now();
    const gateway = await Gateway.start({ config, release: true });
    times.push(performance.now() - start);
    await gateway.stop();
  }
  console.log(`\nfrom start to ready: ${median(times).toFixed(0)} ms`);
}

function head(titles) {
  console.log("".padEnd(30) + titles.map((x) => x.padStart(13)).join(""));
}

function line(title, { ws, wss, haproxy }, digits) {
  const figures = [ws, wss, haproxy].map((x) => x.toFixed(digits));
  const ratios = [ws / haproxy, wss / haproxy].map((x) => x.toFixed(2));
  const cells = [...figures, ...ratios].map((x) => x.padStart(13));
  console.log(title.padEnd(30) + cells.join(""));
}
