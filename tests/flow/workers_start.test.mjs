// SPDX-License-Identifier: Apache-2.0
// A gateway that cannot start says why and ends; it never stands there
// half started.
import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import net from "node:net";
import { after, afterEach, before, describe, test } from "node:test";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";

import { Admin } from "./fixtures/admin.mjs";
import { postern } from "./fixtures/command.mjs";
import { configText } from "./fixtures/config.mjs";
import { Folder } from "./fixtures/folder.mjs";
import { Plant } from "./fixtures/plant.mjs";
import { freePort, freePorts, isFree } from "./fixtures/ports.mjs";

const run = promisify(execFile);
const NO_WORKER = fileURLToPath(
  new URL("fixtures/no_worker.c", import.meta.url),
);

let folder;

before(async () => {
  folder = await Folder.create();
});
after(() => folder?.remove());

// Starts with this configuration and gives its end.
async function end(settings, options) {
  const config = configText({ brokerPort: 1883, ...settings });
  const file = await folder.write("start.conf", config);
  return postern(["serve", "-c", file], options);
}

function listeners(...ports) {
  return ports.map((port) => ({ address: "127.0.0.1", port }));
}

describe("a port that is taken", () => {
  let plant, admin;
  const servers = [];

  before(async () => {
    admin = new Admin(await freePort());
    plant = await Plant.start({ workers: 2, admin: admin.setting });
    await plant.unaffected();
  });
  after(() => plant?.stop());
  afterEach(async () => {
    await plant.unaffected();
    for (const server of servers.splice(0)) server.close();
  });

  async function isRefused({ code, err }, port) {
    assert.equal(code, 1, err);
    assert.match(err, new RegExp(`cannot listen .*:${port}\\b.*in use`));
    assert.doesNotMatch(err, /^ready/m);
  }

  test("by another postern: exit 1, and the line says which", async () => {
    await isRefused(await end({ port: plant.port }), plant.port);
  });

  test("by a postern with one worker: exit 1 all the same", async () => {
    const single = await Plant.start();
    try {
      await isRefused(await end({ port: single.port }), single.port);
      await single.unaffected();
    } finally {
      await single.stop();
    }
  });

  test("by any other program: exit 1, and the line says which", async () => {
    const port = await freePort();
    const server = net.createServer().listen(port, "127.0.0.1");
    servers.push(server);
    await new Promise((resolve) => server.once("listening", resolve));
    await isRefused(await end({ port }), port);
  });

  test("by another postern, asked for with every address: exit 1", async () => {
    const listener = { address: "0.0.0.0" };
    await isRefused(await end({ port: plant.port, listener }), plant.port);
  });

  test("is the admin port: exit 1, and the line says which", async () => {
    const settings = { port: await freePort(), admin: admin.setting };
    await isRefused(await end(settings), admin.port);
  });

  test("is one of two: the other is not served either", async () => {
    const port = await freePort();
    for (const ports of [
      [port, plant.port],
      [plant.port, port],
    ]) {
      await isRefused(await end({ listeners: listeners(...ports) }), plant.port);
      assert.ok(await isFree(port), "the free one is free again");
    }
  });

  test("and free again, is taken at once by the next start", async () => {
    const port = await freePort();
    for (let i = 0; i < 2; i++) {
      const next = await Plant.start({ listeners: listeners(port) });
      next.port = port;
      const browser = await next.open();
      await next.stop();
      browser.destroy();
    }
  });
});

test("a worker that cannot start ends the program with 1", async () => {
  const library = folder.at("no_worker.so");
  await run("cc", ["-shared", "-fPIC", "-o", library, NO_WORKER]);
  const port = await freePort();
  const options = { release: true, env: { LD_PRELOAD: library } };
  const { code, err } = await end({ port, workers: 2 }, options);
  assert.equal(code, 1, err);
  const deaths = err.match(/^error: worker died .*by=exit code=1$/gm) ?? [];
  assert.ok(deaths.length >= 3, err);
  assert.doesNotMatch(err, /^ready/m);
  assert.match(err, /a worker does not start/);
  assert.ok(await isFree(port));
});

// From too few to enough, one by one.
test("with too few descriptors it ends with 1 and says why", async () => {
  const [port, adminPort] = await freePorts(2);
  const admin = { listen: `127.0.0.1:${adminPort}` };
  const bad = [];
  for (let count = 6; bad.length < 6; count++) {
    const wrap = ["prlimit", `--nofile=${count}`];
    const options = { release: true, wrap, deadline: 2000 };
    const { code, err } = await end({ port, admin }, options);
    if (/^ready/m.test(err)) break;
    if (code === null) bad.push(`${count}: neither ready nor ended`);
    else if (code !== 1) bad.push(`${count}: ended with ${code}`);
    else if (!/^error: /m.test(err)) bad.push(`${count}: does not say why`);
  }
  assert.deepEqual(bad, []);
});

test("ready means that every listener accepts", async () => {
  const ports = await freePorts(8);
  for (let i = 0; i < 5; i++) {
    const plant = await Plant.start({
      workers: 4,
      listeners: listeners(...ports),
    });
    try {
      await Promise.all(ports.map((port) => plant.open({ port })));
    } finally {
      await plant.stop();
    }
  }
});
