// SPDX-License-Identifier: Apache-2.0
// Prints what sessions feel of another one that floods, in the same worker
// and in another process of the gateway. See README.md.
import { setTimeout as pause } from "node:timers/promises";

import { makeCertificate } from "../flow/fixtures/certificate.mjs";
import { configText, mqttRoute, plant } from "../flow/fixtures/config.mjs";
import { Folder } from "../flow/fixtures/folder.mjs";
import { Gateway } from "../flow/fixtures/gateway.mjs";
import { freePorts } from "../flow/fixtures/ports.mjs";
import { Probe, quantile } from "../flow/fixtures/probe.mjs";
import { Flood } from "./flood.mjs";

const ROUNDS = Number(process.env.ROUNDS ?? 7);
const ROUND_MS = Number(process.env.ROUND_MS ?? 3000);
const PROBES = 10; // sessions, 10 messages a second each
const SETTLE_MS = 300;
const PARTS = [0.5, 0.99];
const PLACES = ["none", "other process", "same worker"];
const ONLY = process.env.ONLY; // a row, as "up ws"
const ROWS = ["ws", "wss"].flatMap((scheme) =>
  ["up", "down"].map((direction) => ({ scheme, direction })),
);
const KIB = 1024;

const median = (values) =>
  quantile(
    values.sort((a, b) => a - b),
    0.5,
  );

const folder = await Folder.create();
const probe = await Probe.start();
const flood = await Flood.start();
const { certificate, key, ca } = await makeCertificate(folder);
const same = await startGateway();
const other = await startGateway();

const ways = Array(PROBES).fill({ port: same.ports.ws });
await probe.begin("quiet", ways);
for (const row of ROWS) {
  const name = `${row.direction} ${row.scheme}`;
  if (name === (ONLY ?? name)) await print(row);
}

await probe.stop();
await flood.stop();
await same.gateway.stop();
await other.gateway.stop();
await folder.remove();

async function startGateway() {
  const [ws, wss] = await freePorts(2);
  const address = "127.0.0.1";
  const config = configText({
    listeners: [
      { address, port: ws },
      { address, port: wss, tls: { certificate, key } },
    ],
    upstreams: [plant(probe.port), plant(flood.port, { name: "flooded" })],
    // One that receives a flood has no time for pings.
    routes: [
      mqttRoute(),
      mqttRoute({ path: "/flood", upstream: "flooded", ping_s: 3600 }),
    ],
  });
  const gateway = await Gateway.start({ config, release: true });
  return { gateway, ports: { ws, wss } };
}

async function print(row) {
  const floods = {
    "other process": await openFlood(other, row),
    "same worker": await openFlood(same, row),
  };
  const figures = Object.fromEntries(PLACES.map((place) => [place, []]));
  for (let round = 0; round < ROUNDS; round++) {
    for (const place of PLACES) {
      figures[place].push(await measure(floods[place], row));
    }
  }
  console.log(`\nflood ${row.direction} over ${row.scheme}`);
  console.log(cells("", [...PLACES, "same/other"]));
  for (const [i, part] of PARTS.entries()) {
    const times = PLACES.map((place) =>
      median(figures[place].map(({ quantiles }) => quantiles[i])),
    );
    const ratios = figures["same worker"].map(
      ({ quantiles }, round) =>
        quantiles[i] / figures["other process"][round].quantiles[i],
    );
    const all = times.map((x) => (x * 1000).toFixed(0));
    const title = `p${part * 100} of a message, us`;
    console.log(cells(title, [...all, median(ratios).toFixed(2)]));
  }
  const rates = PLACES.map((place) =>
    median(figures[place].map(({ rate }) => rate / KIB / KIB)).toFixed(1),
  );
  console.log(cells("flood, MiB/s", rates));
}

function openFlood({ ports }, { scheme }) {
  const secure = scheme === "wss" ? { ca } : null;
  return flood.open({ port: ports[scheme], secure, target: "/flood" });
}

// `number` of a session that floods meanwhile, if any does.
async function measure(number, { direction }) {
  const hasFlood = number !== undefined;
  if (hasFlood) await flood.begin(number, direction);
  await pause(SETTLE_MS);
  await probe.take();
  await pause(ROUND_MS);
  const { times, lost } = (await probe.take()).quiet;
  const rate = hasFlood ? await flood.end() : 0;
  if (lost > 0) throw new Error(`${lost} messages are not back`);
  return { quantiles: PARTS.map((part) => quantile(times, part)), rate };
}

function cells(title, values) {
  return title.padEnd(24) + values.map((x) => x.padStart(16)).join("");
}
