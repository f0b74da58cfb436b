// SPDX-License-Identifier: Apache-2.0
// Prints the memory of one worker while json sessions come and go. See
// README.md.
import { setTimeout as pause } from "node:timers/promises";

import { memoryOf } from "../flow/fixtures/accounts.mjs";
import { Broker } from "../flow/fixtures/broker.mjs";
import { configText, jsonRoute } from "../flow/fixtures/config.mjs";
import { Gateway } from "../flow/fixtures/gateway.mjs";
import { freePort } from "../flow/fixtures/ports.mjs";
import { JsonSession } from "./json_session.mjs";

const RATE = Number(process.env.RATE ?? 100); // sessions a second
const DURATION_S = Number(process.env.DURATION_S ?? 60);
const LOOK_S = 10;
const KIB = 1024;

const broker = await Broker.start({ settings: ["log_type none"] });
const port = await freePort();
const config = configText({
  port,
  brokerPort: broker.port,
  upstream: { connects_per_s: 0 },
  paho_sessions_per_worker: 1000, // those that leave count for a moment
  routes: [jsonRoute()],
});
const gateway = await Gateway.start({ config, release: !process.env.POSTERN });
const [worker] = await gateway.workers();
const start = performance.now();
const all = [];
const failed = [];
await note(0);
for (let second = LOOK_S; second <= DURATION_S; second += LOOK_S) {
  while (all.length < second * RATE) {
    const due = (all.length / RATE) * 1000 - (performance.now() - start);
    if (due > 0) await pause(due);
    all.push(comeAndGo().catch((error) => failed.push(error.message)));
  }
  await note(second);
}
await Promise.all(all);
await pause(LOOK_S * 1000);
await note("after");
console.log(`${all.length} sessions, ${failed.length} failed`, ...failed);
process.exitCode = failed.length === 0 ? 0 : 1;
await gateway.stop();
await broker.stop();

// What a page does before it is left.
async function comeAndGo() {
  const url = `ws://127.0.0.1:${port}/json`;
  const session = await JsonSession.open(url, `churn/${all.length}`);
  await session.subscribe(1);
  await session.publish(session.topic, "x");
  await session.close();
}

async function note(when) {
  const { resident } = await memoryOf(worker);
  const descriptors = await gateway.descriptors();
  const memory = `${Math.round(resident / KIB)} KiB`;
  console.log(`${when}`.padStart(5), memory, `${descriptors} descriptors`);
}
