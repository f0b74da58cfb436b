// SPDX-License-Identifier: Apache-2.0
// The quickstart: an old broker with devices, postern in front of it, and a
// page. Started by scripts/quickstart; ends everything it started, in reverse.
import { mkdtemp, rm } from "node:fs/promises";
import os from "node:os";
import path from "node:path";
import { parseArgs } from "node:util";

import { startBroker } from "./broker.mjs";
import { makeCertificate } from "./certificate.mjs";
import { check } from "./check.mjs";
import { startDevices } from "./devices.mjs";
import { originsSetting, startGateway } from "./gateway.mjs";
import { startPages } from "./pages.mjs";
import { freePorts, isFreeOn, loopbacks } from "./ports.mjs";
import { Problem } from "./problem.mjs";
import { guide, note } from "./words.mjs";

const GATEWAY_PORTS = { ws: 8083, wss: 8084 };
const PAGE_PORTS = { allowed: 8085, foreign: 8086 };

const ends = []; // what is to be done at the end, last first
let failed; // rejects when something ends that should not
const failure = new Promise((_, reject) => (failed = reject));

try {
  const options = readOptions();
  await Promise.race([run(options), failure, interrupted(options)]);
} catch (error) {
  process.exitCode = 1;
  console.error(error instanceof Problem ? error.message : error);
} finally {
  while (ends.length > 0) await ends.pop()();
  process.exit();
}

function readOptions() {
  try {
    const boolean = { type: "boolean", default: false };
    const origin = { type: "string", multiple: true, default: [] };
    const options = { once: boolean, free: boolean, origin };
    return parseArgs({ options }).values;
  } catch (error) {
    throw new Problem(`scripts/quickstart: ${error.message}`);
  }
}

async function run(options) {
  const hosts = await loopbacks();
  const ports = await choosePorts(hosts, options);
  const folder = await mkdtemp(path.join(os.tmpdir(), "postern-quickstart-"));
  ends.push(() => rm(folder, { recursive: true, force: true }));

  const broker = await startBroker(folder, ports.broker);
  keep(broker);
  const switchOff = await startDevices(
    `mqtt://127.0.0.1:${ports.broker}`,
    (what) => options.once || note("lamp", what),
  );
  ends.push(switchOff);

  const tls = await makeCertificate(folder);
  const [allowed, foreign] = [ports.allowed, ports.foreign].map(
    (port) => `http://localhost:${port}`,
  );
  const origins = [allowed, ...options.origin];
  const gateway = await startGateway(folder, { hosts, ports, tls, origins });
  keep(gateway);

  const urls = {
    wss: `wss://localhost:${ports.wss}/mqtt`,
    ws: `ws://localhost:${ports.ws}/mqtt`,
    admin: `http://127.0.0.1:${ports.admin}`,
  };
  const settings = {
    ...urls,
    certificate: `https://localhost:${ports.wss}/`,
    allow: originsSetting([...new Set([...origins, foreign])]),
    restart: `scripts/quickstart --origin ${foreign}`,
  };
  for (const port of [ports.allowed, ports.foreign]) {
    ends.push(await startPages(hosts, port, settings));
  }

  if (options.once) {
    const say = (what) => note("ok", what);
    const demo = { urls, ca: tls.pem, allowed, foreign, say };
    return check(demo).catch((error) => {
      throw gateway.failure(`did not pass: ${error.stack}\nIt said`);
    });
  }
  const isForeignAllowed = origins.includes(foreign);
  const demo = { ...settings, allowed, foreign, isForeignAllowed };
  console.log(guide({ ...demo, ports, folder }));
  gateway.onLine((line) => note("postern", line));
  await new Promise(() => {});
}

async function choosePorts(hosts, { once, free }) {
  const names = ["ws", "wss", "allowed", "foreign", "broker", "admin"];
  const found = await freePorts(names.length, hosts);
  const ports = Object.fromEntries(names.map((name, i) => [name, found[i]]));
  if (once || free) return ports;

  for (const [name, port] of Object.entries(GATEWAY_PORTS)) {
    if (!(await isFreeOn(port, hosts))) throw taken(port);
    ports[name] = port;
  }
  for (const [name, port] of Object.entries(PAGE_PORTS)) {
    if (await isFreeOn(port, hosts)) ports[name] = port;
  }
  return ports;
}

function taken(port) {
  return new Problem(
    `Port ${port} is taken by another program, which is left alone.\n` +
      `  who has it:         ss -ltnp 'sport = :${port}'\n` +
      "  use other ports:    scripts/quickstart --free",
  );
}

// Ends `program` at the end, and everything when it ends by itself.
function keep(program) {
  let isStopping = false;
  ends.push(() => {
    isStopping = true;
    return program.stop();
  });
  program.ended.then((how) => {
    if (!isStopping) failed(program.failure(`ended by itself (${how})`));
  });
}

// Ctrl-C is how the quickstart ends, but not how a check ends well.
function interrupted({ once }) {
  return new Promise((resolve, reject) => {
    const end = () => (once ? reject(new Problem("interrupted")) : resolve());
    for (const name of ["SIGINT", "SIGTERM", "SIGHUP"]) process.on(name, end);
  });
}
