// SPDX-License-Identifier: Apache-2.0
// Listening sockets that a service manager opened and hands over: they are
// used by all workers, they outlive the gateway, and none is left unserved.
import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { lstat, writeFile } from "node:fs/promises";
import net from "node:net";
import { after, afterEach, before, describe, test } from "node:test";
import { fileURLToPath } from "node:url";

import { Admin } from "./fixtures/admin.mjs";
import { Client } from "./fixtures/client.mjs";
import { postern } from "./fixtures/command.mjs";
import { compile } from "./fixtures/compile.mjs";
import { configText } from "./fixtures/config.mjs";
import { Crowd } from "./fixtures/crowd.mjs";
import { Folder } from "./fixtures/folder.mjs";
import { Gateway } from "./fixtures/gateway.mjs";
import { Plant } from "./fixtures/plant.mjs";
import { freePort, freePorts } from "./fixtures/ports.mjs";
import { childrenOf, Process } from "./fixtures/process.mjs";
import { until } from "./fixtures/wait.mjs";
import { handshake } from "./fixtures/websocket.mjs";

const BUILT = new URL("../../build/gateway/postern", import.meta.url);
const PROGRAM = process.env.POSTERN ?? fileURLToPath(BUILT);
const ADDRESS = "127.0.0.1";
const HOST = "localhost";
const WORKERS = 2;
const CONFIGURATION = 78;

let folder, withSockets;
let number = 0;
const plants = [];

before(async () => {
  folder = await Folder.create();
  withSockets = await compile("with_sockets", folder);
});
after(() => folder?.remove());
afterEach(async () => {
  while (plants.length) await plants.pop().stop();
});

const newPath = () => folder.at(`ws${++number}.sock`);
const tcp = (port) => ({ address: ADDRESS, port });
const exists = (name) => lstat(name).then(Boolean, () => false);
const wrapped = (words) => [withSockets, ...words, "--"];

// A gateway that inherits what `sockets` says.
async function start(sockets, { port, ...settings }) {
  const wrap = wrapped(sockets);
  const plant = await Plant.start({ workers: WORKERS, wrap, ...settings });
  plants.push(plant);
  plant.port = port;
  return plant;
}

async function write(settings) {
  const text = configText({ brokerPort: 1883, workers: WORKERS, ...settings });
  return folder.write(`serve${++number}.conf`, text);
}

// How a gateway ends that inherits what does not fit.
async function end(sockets, settings) {
  const file = await write(settings);
  return postern(["serve", "-c", file], { wrap: wrapped(sockets) });
}

async function echoes(browser) {
  const topic = `echo/${++number}`;
  await browser.subscribe(topic);
  browser.publish(topic, "hello");
  assert.equal((await browser.message()).payload.toString(), "hello");
}

describe("an inherited socket", () => {
  test("carries sessions over TCP, and their lines name it", async () => {
    const port = await freePort();
    const sockets = [`${ADDRESS}:${port}`];
    const plant = await start(sockets, { port, listeners: [tcp(port)] });
    const client = await Client.open(plant.url);
    await client.subscribe("news");
    await client.publish("news", "hello");
    assert.equal((await client.message()).payload.toString(), "hello");
    await client.end();
    const line = await plant.gateway.line(/^session \S+ opened/);
    assert.ok(line.includes(`listener=${ADDRESS}:${port}`), line);
  });

  test("carries sessions over a Unix path, which stays at the end", async () => {
    const path = newPath();
    const listeners = [{ unix: path }];
    const plant = await start([`unix:${path}`], { listeners });
    const browser = await plant.open({ path, host: HOST });
    await echoes(browser);
    await browser.leave();
    await plants.pop().stop();
    assert.ok(await exists(path), "it is not ours to remove");
  });

  test("is shared by all workers, evenly", async () => {
    const port = await freePort();
    const listeners = [tcp(port)];
    const plant = await start([`${ADDRESS}:${port}`], { port, listeners });
    const crowd = await Crowd.gather({
      gateway: plant.gateway,
      open: (session) => plant.open({ session }),
      workers: WORKERS,
      least: 30,
      most: 200,
    });
    crowd.destroy();
  });

  test("is served again after a worker's death", async () => {
    const port = await freePort();
    const listeners = [tcp(port)];
    const plant = await start([`${ADDRESS}:${port}`], { port, listeners });
    for (const pid of plant.workers) process.kill(pid, "SIGKILL");
    const browser = await plant.open();
    await echoes(browser);
    browser.destroy();
  });

  test("may be admin.listen", async () => {
    const [port, adminPort] = await freePorts(2);
    const admin = new Admin(adminPort);
    const plant = await start([`${ADDRESS}:${adminPort}`], {
      port,
      listeners: [tcp(port)],
      admin: admin.setting,
    });
    await admin.isReady();
    (await plant.open()).destroy();
  });

  test("may be one of two, and the other is opened as ever", async () => {
    const [port, other] = await freePorts(2);
    const listeners = [tcp(other), tcp(port)];
    const plant = await start([`${ADDRESS}:${port}`], { listeners });
    for (const each of [port, other]) {
      const browser = await plant.open({ port: each });
      await echoes(browser);
      browser.destroy();
    }
  });

  test("of IPv6 and IPv4 serves both, and the log says so", async () => {
    const port = await freePort();
    const listeners = [{ address: "::", port }];
    const plant = await start([`[::]:${port}`], { port, listeners });
    await plant.gateway.line(/^warning: listener takes IPv4 as well .*\[::\]/);
    for (const address of ["127.0.0.1", "::1"]) {
      const browser = await plant.open({ address });
      await echoes(browser);
      browser.destroy();
    }
  });

  test("for another process is left alone", async () => {
    const port = await freePort();
    const settings = { port, listeners: [tcp(port)] };
    const plant = await Plant.start({
      ...settings,
      env: { LISTEN_PID: "1", LISTEN_FDS: "1" },
    });
    plants.push(plant);
    plant.port = port;
    (await plant.open()).destroy();
  });
});

describe("an inherited socket that does not fit", () => {
  const cases = [
    {
      what: "that no listener is for",
      sockets: ({ other }) => [`${ADDRESS}:${other}`],
      says: ({ other }) => `socket=${ADDRESS}:${other} mend="configure a`,
    },
    {
      what: "at a path that no listener is for",
      sockets: ({ path }) => [`unix:${path}`],
      says: ({ path }) => `socket=unix:${path} mend="configure a`,
    },
    {
      what: "with a name that is no path",
      sockets: ({ other }) => [`unix:@postern-${other}`],
      says: ({ other }) => `socket=unix:@postern-${other} `,
    },
    {
      what: "of IPv6 and IPv4 where the listener is IPv4's",
      sockets: ({ port }) => [`[::]:${port}`],
      says: ({ port }) =>
        `socket=[::]:${port} mend="it takes IPv6 and IPv4: configure a`,
    },
    {
      what: "that is there twice",
      sockets: ({ port }) => [`${ADDRESS}:${port}`, "same"],
      says: ({ port }) => `socket=${ADDRESS}:${port} mend="there are two`,
    },
    {
      what: "that is a connection",
      sockets: () => ["connected"],
      says: () => "Accept=no",
    },
    {
      what: "that is for datagrams",
      sockets: () => ["udp"],
      says: () => "ListenStream=",
    },
    {
      what: "that is a file",
      sockets: () => ["file"],
      says: () => 'socket="descriptor 3" ',
    },
    {
      what: "that is not there at all",
      sockets: () => ["none"],
      says: () => "LISTEN_FDS says more than there are",
    },
  ];
  for (const { what, sockets, says } of cases) {
    test(`${what}: exit ${CONFIGURATION}, and the line says so`, async () => {
      const [port, other] = await freePorts(2);
      const names = { port, other, path: newPath() };
      const settings = { listeners: [tcp(port)] };
      const { code, err } = await end(sockets(names), settings);
      assert.equal(code, CONFIGURATION, err);
      assert.match(err, /^error: cannot use an inherited socket /m);
      assert.ok(err.includes(says(names)), err);
      assert.doesNotMatch(err, /^ready/m);
    });
  }

  test("has its line even when there are two of them", async () => {
    const [port, one, two] = await freePorts(3);
    const sockets = [one, two].map((each) => `${ADDRESS}:${each}`);
    const { code, err } = await end(sockets, { listeners: [tcp(port)] });
    assert.equal(code, CONFIGURATION, err);
    for (const each of [one, two]) assert.ok(err.includes(`:${each}`), err);
  });
});

describe("at a reload", () => {
  let gateway, port, other, file;

  before(async () => {
    [port, other] = await freePorts(2);
    file = await write({ listeners: [tcp(port)] });
    const wrap = wrapped([`${ADDRESS}:${port}`]);
    gateway = await Gateway.start({ args: ["-c", file], wrap });
  });
  after(() => gateway?.stop());

  // Gives the line that tells how it went.
  async function reload(settings) {
    const text = configText({ brokerPort: 1, workers: WORKERS, ...settings });
    await writeFile(file, text);
    const from = gateway.lines.length;
    gateway.signal("SIGHUP");
    const options = { from, deadline: 15000 };
    return gateway.line(/^(reloaded|error: reload failed)/, options);
  }

  async function answers(at) {
    const answer = await handshake({ port: at });
    answer.socket.destroy();
    assert.equal(answer.status, 101, answer.line);
  }

  test("it stays, and others come beside it", async () => {
    const line = await reload({ listeners: [tcp(port), tcp(other)] });
    assert.match(line, /^reloaded/);
    await answers(port);
    await answers(other);
  });

  test("nothing changes if no listener would be left for it", async () => {
    const line = await reload({ listeners: [tcp(other)] });
    assert.match(line, /^error: reload failed/);
    const said = gateway.lines.join("\n");
    assert.match(said, /^error: cannot use an inherited socket /m);
    await answers(port);
    await answers(other);
  });

  test("with other routes, it serves those who come then", async () => {
    const route = { path: "/mqtt", read_only: true };
    const line = await reload({ listeners: [tcp(port)], route });
    assert.match(line, /^reloaded/);
    for (let i = 0; i < 10; i++) await answers(port);
  });
});

// Starts the gateway, and once more when it has ended, on the same sockets.
const TWICE = `
  start() { sh -c 'export LISTEN_PID=$$; exec "$@"' sh "$@"; }
  start "$@"
  start "$@"`;

// What a browser hears that comes meanwhile: the session, that it is to come
// again, or, in the middle of its handshake, the end.
const HEARD = [101, 503, 0];

test("while one gateway ends and the next starts, all can connect", async () => {
  const port = await freePort();
  const file = await write({ listeners: [tcp(port)] });
  const serve = [PROGRAM, "serve", "-c", file];
  const words = [`${ADDRESS}:${port}`, "--", "/bin/sh", "-c", TWICE, "sh"];
  const shell = new Process(withSockets, [...words, ...serve]);
  const statuses = [];
  let goesOn = true;
  const come = async () => {
    while (goesOn) {
      const answer = await handshake({ port, deadline: 15000 });
      answer.socket.destroy();
      statuses.push(answer.status);
    }
  };
  try {
    await shell.line(/^ready/, { deadline: 10000 });
    const from = shell.lines.length;
    const coming = [come(), come()];
    await until(() => statuses.length > 10, { what: "browsers" });
    const [first] = await childrenOf(shell.pid);
    process.kill(first, "SIGTERM");
    await shell.line(/^ready/, { from, deadline: 20000 });
    const before = statuses.length;
    await until(() => statuses.length > before + 10, { what: "more browsers" });
    goesOn = false;
    await Promise.all(coming);
    const odd = statuses.filter((status) => !HEARD.includes(status));
    assert.deepEqual(odd, []);
    assert.deepEqual(statuses.slice(-10), Array(10).fill(101));
    const [second] = await childrenOf(shell.pid);
    assert.notEqual(second, first);
    process.kill(second, "SIGTERM");
    assert.deepEqual(await shell.ended(), { code: 0, signal: null });
  } finally {
    goesOn = false;
    for (const pid of await childrenOf(shell.pid)) process.kill(pid, "SIGKILL");
    shell.kill();
  }
});

const ACTIVATE = "systemd-socket-activate";

function isThere(program) {
  try {
    execFileSync(program, ["--version"], { stdio: "ignore" });
    return true;
  } catch {
    return false;
  }
}

describe(`under ${ACTIVATE}`, () => {
  const skip = isThere(ACTIVATE) ? false : `${ACTIVATE} is not installed`;

  test("the browser that wakes it gets its session", { skip }, async () => {
    const port = await freePort();
    const path = newPath();
    const sockets = [`--listen=${ADDRESS}:${port}`, `--listen=${path}`];
    const starting = Plant.start({
      wrap: [ACTIVATE, ...sockets],
      listeners: [tcp(port), { unix: path }],
      workers: WORKERS,
    });
    const waker = await connect(port);
    const plant = await starting;
    plants.push(plant);
    plant.port = port;
    waker.destroy();
    for (const way of [{}, { path, host: HOST }]) {
      const browser = await plant.open(way);
      await echoes(browser);
      browser.destroy();
    }
    await plants.pop().stop();
    assert.ok(await exists(path), "it is not ours to remove");
  });
});

// As soon as somebody listens.
async function connect(port) {
  const attempt = () =>
    new Promise((resolve) => {
      const socket = net.connect({ port, host: ADDRESS });
      socket.once("connect", () => resolve(socket));
      socket.once("error", () => resolve(null));
    });
  return until(attempt, { what: "a socket to connect to" });
}
