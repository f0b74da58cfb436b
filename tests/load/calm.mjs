// SPDX-License-Identifier: Apache-2.0
// Prints how long a message of a json session takes while other json
// sessions of the same worker wait for brokers that do not answer. See
// README.md.
import net from "node:net";
import { setTimeout as pause } from "node:timers/promises";

import { WebSocket } from "ws";

import { Broker } from "../flow/fixtures/broker.mjs";
import { configText, jsonRoute, plant } from "../flow/fixtures/config.mjs";
import { Gateway } from "../flow/fixtures/gateway.mjs";
import { NameServer } from "../flow/fixtures/name_server.mjs";
import { freePort } from "../flow/fixtures/ports.mjs";
import { quantile } from "../flow/fixtures/probe.mjs";
import { ALLOWED } from "../flow/fixtures/request.mjs";
import { JsonSession } from "./json_session.mjs";

const PERIOD_MS = 100; // 10 messages a second
const ROUND_S = Number(process.env.ROUND_S ?? 30);
const WAITING = Number(process.env.WAITING ?? 20); // sessions, at each fault
const FAULTS = { hole: "accepts and never answers", name: "is never resolved" };

const names = await NameServer.start({ silent: true });
const hole = net.createServer((socket) => socket.on("error", () => {}));
await new Promise((resolve) => hole.listen(0, "127.0.0.1", resolve));
const broker = await Broker.start({ settings: ["log_type none"] });
const port = await freePort();
const config = configText({
  port,
  brokerPort: broker.port,
  upstreams: [
    plant(broker.port),
    plant(hole.address().port, { name: "hole" }),
    { name: "name", servers: ["mqtt://late.invalid:1883"] },
  ],
  routes: [
    jsonRoute(),
    ...Object.keys(FAULTS).map((upstream) =>
      jsonRoute({ path: `/${upstream}`, upstream }),
    ),
  ],
});
const { wrap } = names;
const gateway = await Gateway.start({ config, release: true, wrap });
const url = (path) => `ws://127.0.0.1:${port}${path}`;
const probe = await JsonSession.open(url("/json"), "calm/probe");
await probe.subscribe(1);
for (const round of [1, 2, 3]) {
  note(`round ${round}, nothing wrong`, await measure());
  for (const [name, what] of Object.entries(FAULTS)) {
    const waiting = Array.from({ length: WAITING }, () => wait(`/${name}`));
    note(`${WAITING} at a broker that ${what}`, await measure());
    for (const socket of waiting) socket.terminate();
  }
}
await probe.close();
await gateway.stop();
await names.stop();
await broker.stop();
hole.close();

// A page that is never told `connected`.
function wait(path) {
  return new WebSocket(url(path), { origin: ALLOWED }).on("error", () => {});
}

// Milliseconds of each message from the page to itself; one that is lost ends
// the program.
async function measure() {
  const times = [];
  const count = (ROUND_S * 1000) / PERIOD_MS;
  for (let i = 0; i < count; i++) {
    const start = performance.now();
    const message = probe.message();
    await probe.publish(probe.topic, `${i}`);
    await message;
    times.push(performance.now() - start);
    await pause(Math.max(0, PERIOD_MS - (performance.now() - start)));
  }
  return times.sort((a, b) => a - b);
}

function note(title, times) {
  const [p50, p99] = [0.5, 0.99].map((part) => quantile(times, part));
  const figures = [p50, p99, times.at(-1)].map((x) => x.toFixed(2).padStart(9));
  console.log(title.padEnd(48), ...figures, "ms, of", times.length);
}
