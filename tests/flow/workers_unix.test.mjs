// SPDX-License-Identifier: Apache-2.0
// A listener on a Unix path: one socket that all workers share.
import assert from "node:assert/strict";
import { lstat, stat, symlink, writeFile } from "node:fs/promises";
import net from "node:net";
import { after, afterEach, before, describe, test } from "node:test";

import { postern } from "./fixtures/command.mjs";
import { configText } from "./fixtures/config.mjs";
import { Crowd } from "./fixtures/crowd.mjs";
import { Folder } from "./fixtures/folder.mjs";
import { publish } from "./fixtures/packets.mjs";
import { Plant } from "./fixtures/plant.mjs";
import { until } from "./fixtures/wait.mjs";

const WORKERS = 4;
const HOST = "localhost";
const COUNT = 200;
const APART = 20; // sessions that workers may differ by

let folder, path;
let number = 0;
const plants = [];

before(async () => {
  folder = await Folder.create();
});
after(() => folder?.remove());
afterEach(async () => {
  while (plants.length) await plants.pop().stop();
});

// A gateway on a path of its own, or on the one named.
async function start({ listener = {}, at = null, ...settings } = {}) {
  path = at ?? folder.at(`ws${++number}.sock`);
  const plant = await Plant.start({
    workers: WORKERS,
    listeners: [{ unix: path, ...listener }],
    ...settings,
  });
  plants.push(plant);
  return plant;
}

async function stop(plant) {
  plants.splice(plants.indexOf(plant), 1);
  await plant.stop();
}

// How a second postern on the same path ends.
async function second() {
  const listeners = [{ unix: path }];
  const config = configText({ listeners, brokerPort: 1883 });
  const file = await folder.write("second.conf", config);
  return postern(["serve", "-c", file]);
}

const way = () => ({ path, host: HOST });
const exists = (name) => lstat(name).then(Boolean, () => false);

describe("a Unix path", () => {
  test("carries a session, and its line names the listener", async () => {
    const plant = await start();
    const browser = await plant.open(way());
    await browser.subscribe("echo");
    browser.publish("echo", "hello");
    assert.equal((await browser.message()).payload.toString(), "hello");
    const line = await plant.gateway.line(/^session \S+ opened/);
    assert.ok(line.includes(`listener=unix:${path}`), line);
    await browser.leave();
  });

  for (const mode of ["0660", "0600", "0666"]) {
    test(`gets mode ${mode}`, async () => {
      await start({ listener: { mode } });
      assert.equal((await stat(path)).mode & 0o7777, parseInt(mode, 8));
    });
  }

  test("gets mode 0660 when the configuration says nothing", async () => {
    await start();
    assert.equal((await stat(path)).mode & 0o7777, 0o660);
  });

  test("is gone after the end", async () => {
    const plant = await start();
    assert.ok((await stat(path)).isSocket());
    await stop(plant);
    assert.equal(await exists(path), false);
  });

  test("that a killed gateway left is taken over", async () => {
    const first = await start();
    await first.gateway.kill(first.workers);
    first.gateway = null;
    await stop(first);
    assert.ok(await exists(path), "left behind");
    const plant = await start({ at: path });
    await (await plant.open(way())).leave();
  });

  test("that another postern serves is not: exit 1, and it says so", async () => {
    const plant = await start();
    const { code, err } = await second();
    assert.equal(code, 1, err);
    assert.match(err, /^error: cannot listen .*in use/m);
    assert.ok(err.includes(path), err);
    await (await plant.open(way())).leave();
  });

  test("that any other program serves is not: exit 1", async () => {
    path = folder.at("other.sock");
    const server = net.createServer((socket) => socket.destroy());
    await new Promise((resolve) => server.listen(path, resolve));
    const { code, err } = await second();
    server.close();
    assert.equal(code, 1, err);
  });

  for (const [what, make] of [
    ["a file", (name) => writeFile(name, "precious")],
    ["a link", (name) => symlink("/nowhere", name)],
  ]) {
    test(`where ${what} is, is not touched: exit 1`, async () => {
      path = folder.at(`${what.replace(" ", "-")}.sock`);
      await make(path);
      const { code, err } = await second();
      assert.equal(code, 1, err);
      assert.ok(await exists(path));
    });
  }

  test("in a folder that is not there: exit 1, and it says so", async () => {
    path = folder.at("nowhere/ws.sock");
    const { code, err } = await second();
    assert.equal(code, 1, err);
    assert.match(err, /^error: cannot listen .*No such file/m);
  });

  test("of the next gateway stays when this one ends later", async () => {
    const first = await start({ drain: { timeout_s: 20, spread_s: 0 } });
    const busy = await neverReads(first);
    first.gateway.signal("SIGTERM");
    await first.gateway.line(/^draining/);
    const next = await start({ at: path });
    busy.destroy();
    await stop(first);
    assert.ok(await exists(path), "the path of the next gateway");
    await (await next.open(way())).leave();
  });
});

describe(`a Unix path with ${WORKERS} workers`, () => {
  test("spreads sessions evenly", async () => {
    const plant = await start();
    const crowd = await Crowd.gather({
      gateway: plant.gateway,
      open: (session) => plant.open({ ...way(), session }),
      workers: WORKERS,
      least: COUNT / WORKERS,
      most: COUNT * 2,
    });
    const counts = [...crowd.counts.values()];
    const apart = Math.max(...counts) - Math.min(...counts);
    assert.ok(apart <= APART, `${counts}`);
    crowd.destroy();
  });

  test("serves while one of them stands still", async () => {
    const plant = await start();
    const [, stopped] = plant.workers;
    process.kill(stopped, "SIGSTOP");
    try {
      for (let i = 0; i < 50; i++) {
        const browser = await plant.open({ ...way(), deadline: 1000 });
        browser.destroy();
      }
    } finally {
      process.kill(stopped, "SIGCONT");
    }
  });

  test("serves without an error when one of them dies", async () => {
    const plant = await start();
    process.kill(plant.workers[2], "SIGKILL");
    await plant.gateway.line(/^error: worker died/);
    for (let i = 0; i < 50; i++) (await plant.open(way())).destroy();
    const full = async () => (await plant.gateway.workers()).length === WORKERS;
    await until(full, { what: "as many workers as before" });
  });
});

// A session whose browser takes nothing of what it was sent.
async function neverReads(plant) {
  const browser = await plant.open(way());
  await browser.subscribe("flood");
  browser.websocket.pause();
  const payload = Buffer.alloc(1024 * 1024, "flood");
  const message = publish({ topic: "flood", payload });
  for (let i = 0; i < 8; i++) browser.send(message);
  const { wire } = plant;
  await wire.until(() => wire.bytesUp > 8 * payload.length);
  return browser;
}
