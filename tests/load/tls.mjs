// SPDX-License-Identifier: Apache-2.0
// Prints how long a message takes while TLS handshakes with brokers that are
// silent, or talk garbage, go on in the same worker; and the memory of a
// session whose broker is reached in TLS. See README.md.
import { randomBytes } from "node:crypto";

import { makePair } from "../flow/fixtures/authority.mjs";
import { Broker } from "../flow/fixtures/broker.mjs";
import { Browser } from "../flow/fixtures/browser.mjs";
import { configText, mqttRoute, plant } from "../flow/fixtures/config.mjs";
import { Folder } from "../flow/fixtures/folder.mjs";
import { Gateway } from "../flow/fixtures/gateway.mjs";
import { freePort } from "../flow/fixtures/ports.mjs";
import { Probe, quantile } from "../flow/fixtures/probe.mjs";
import { each } from "../flow/fixtures/wait.mjs";
import { WrongServer } from "../flow/fixtures/wrong_server.mjs";

const ROUNDS = Number(process.env.ROUNDS ?? 3);
const ROUND_MS = Number(process.env.ROUND_MS ?? 20000);
const WAITING = Number(process.env.WAITING ?? 20); // sessions at a time
const IDLE = Number(process.env.IDLE ?? 500);
const PROBES = 5; // sessions, 10 messages a second each
const LIMIT_MS = 1000; // connect_timeout_ms
const KIB = 1024;

const FAULTS = {
  silent: () => {},
  garbage: (socket) => socket.write(randomBytes(4096).fill(0x16, 0, 1)),
};

const folder = await Folder.create();
await printTimes();
await printMemory();
await folder.remove();

async function printTimes() {
  const probe = await Probe.start();
  const port = await freePort();
  const servers = {};
  for (const [name, serve] of Object.entries(FAULTS)) {
    servers[name] = await WrongServer.start(serve);
  }
  const faulty = Object.entries(servers).map(([name, server]) => ({
    name,
    servers: [`mqtts://127.0.0.1:${server.port}`],
    connect_timeout_ms: LIMIT_MS,
  }));
  const config = configText({
    port,
    upstreams: [plant(probe.port), ...faulty],
    routes: [
      mqttRoute(),
      ...faulty.map(({ name }) =>
        mqttRoute({ path: `/${name}`, upstream: name }),
      ),
    ],
  });
  const gateway = await Gateway.start({ config, release: true });
  await probe.begin("quiet", Array(PROBES).fill({ port }));
  for (let round = 1; round <= ROUNDS; round++) {
    await measure(probe, `round ${round}, nothing wrong`, () => pause());
    for (const name of Object.keys(FAULTS)) {
      await measure(probe, `round ${round}, ${name}`, () =>
        keepTrying(port, `/${name}`),
      );
    }
  }
  await probe.stop();
  await gateway.stop();
  for (const server of Object.values(servers)) await server.stop();
}

async function measure(probe, name, during) {
  await probe.take();
  const tries = await during();
  const { times, lost } = (await probe.take()).quiet;
  const ms = (part) => quantile(times, part).toFixed(2);
  console.log(
    `${name.padEnd(24)} p50 ${ms(0.5)} ms, p99 ${ms(0.99)} ms, ` +
      `${times.length} messages, ${lost} lost, ${tries} handshakes`,
  );
}

function pause() {
  return new Promise((resolve) => setTimeout(() => resolve(0), ROUND_MS));
}

// So many sessions, each again as soon as it was refused.
async function keepTrying(port, target) {
  const end = performance.now() + ROUND_MS;
  let tries = 0;
  await each(WAITING, WAITING, async () => {
    while (performance.now() < end) {
      const browser = await Browser.arrive({ port, target });
      browser.connect();
      await browser.expectClose({ deadline: 10 * LIMIT_MS });
      tries++;
    }
  });
  return tries;
}

async function printMemory() {
  const secure = await makePair(folder);
  const broker = await Broker.start({ secure, settings: ["log_type none"] });
  const { ca, client } = secure;
  const ways = {
    "mqtt://": { servers: [`mqtt://127.0.0.1:${broker.port}`] },
    "mqtts://": {
      servers: [`mqtts://127.0.0.1:${broker.securePort}`],
      tls: { ca, ...client },
    },
  };
  for (const [name, settings] of Object.entries(ways)) {
    const grown = await growth(settings);
    const each = (grown / IDLE / KIB).toFixed(1);
    console.log(`${IDLE} idle sessions, ${name}: ${each} KiB each`);
  }
  await broker.stop();
}

// Resident octets that the worker has more with all the sessions.
async function growth(settings) {
  const port = await freePort();
  const upstream = { ...settings, connects_per_s: 0 };
  const config = configText({ port, upstream });
  const gateway = await Gateway.start({ config, release: true });
  const browsers = [];
  const open = async () =>
    browsers.push(await Browser.open({ port, session: { keepAlive: 0 } }));
  await each(10, 1, open); // what only the first ones cost
  const before = await gateway.memory();
  await each(IDLE, 10, open);
  const after = await gateway.memory();
  for (const browser of browsers) browser.destroy();
  await gateway.stop();
  return after - before;
}
