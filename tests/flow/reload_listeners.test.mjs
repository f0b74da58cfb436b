// SPDX-License-Identifier: Apache-2.0
// SIGHUP with other listeners: they come and go, and who connects meanwhile
// does not notice.
import assert from "node:assert/strict";
import { lstat, readdir, readlink, rm, stat } from "node:fs/promises";
import net from "node:net";
import { after, afterEach, before, describe, test } from "node:test";

import { Admin } from "./fixtures/admin.mjs";
import { makeCertificate } from "./fixtures/certificate.mjs";
import { mqttRoute } from "./fixtures/config.mjs";
import { Folder } from "./fixtures/folder.mjs";
import { Guest } from "./fixtures/guest.mjs";
import { Knocker } from "./fixtures/knocker.mjs";
import { Plant } from "./fixtures/plant.mjs";
import { freePort, isFree } from "./fixtures/ports.mjs";
import { handshakeHead, readAnswer } from "./fixtures/request.mjs";
import { Socket } from "./fixtures/socket.mjs";
import { until } from "./fixtures/wait.mjs";

const WORKERS = 2;
const HOST = "localhost";
const SETTLE_MS = 15000; // on any machine

const QUEUED = 100; // connections; more than are accepted at a time

const guests = [];
const servers = []; // of somebody else
let plant, folder, main;

before(async () => {
  folder = await Folder.create();
});
after(() => folder?.remove());
afterEach(async () => {
  for (const guest of guests.splice(0)) guest.destroy();
  for (const server of servers.splice(0)) server.close();
  await plant?.stop();
  plant = null;
});

// Somebody else's listener, at a port or a path.
async function occupy(...place) {
  const server = net.createServer((socket) => socket.destroy());
  servers.push(server);
  await new Promise((resolve) => server.listen(...place, resolve));
}

const tcp = (port, changes = {}) => ({ address: "127.0.0.1", port, ...changes });
const exists = (name) => lstat(name).then(Boolean, () => false);

// A gateway with one listener that stays in all that follows, and `more`.
async function start(more = [], settings = {}) {
  main = tcp(await freePort());
  plant = await Plant.start({
    workers: WORKERS,
    listeners: [main, ...more],
    ...settings,
  });
  plant.port = main.port;
}

const listenOn = (...more) => plant.reload({ listeners: [main, ...more] });

async function enter(options = {}) {
  const guest = await Guest.open("mqtt5", { port: main.port, ...options });
  guests.push(guest);
  await guest.hears();
  return guest;
}

const onPath = (path) => ({ path, host: HOST });

// It may have ended meanwhile.
function goOn(pid) {
  try {
    process.kill(pid, "SIGCONT");
  } catch (error) {
    if (error.code !== "ESRCH") throw error;
  }
}

// The old workers have ended, with all that they held.
async function settled(workers = WORKERS) {
  const is = async () => (await plant.gateway.workers()).length === workers;
  await until(is, { deadline: SETTLE_MS, what: `${workers} workers` });
}

describe("a TCP listener", () => {
  test("that is new serves", async () => {
    await start();
    const guest = await enter();
    const port = await freePort();
    await listenOn(tcp(port));
    for (let i = 0; i < 10; i++) await enter({ port });
    await guest.hears();
  });

  test("that is no more takes its sessions along; it is free", async () => {
    const port = await freePort();
    await start([tcp(port)]);
    const stays = await enter();
    const goes = await enter({ port });
    await listenOn();
    await goes.ends("policy_changed");
    await stays.hears();
    await until(() => isFree(port), { what: "a free port" });
  });

  test("that is no more answers who was queued on it", async () => {
    const port = await freePort();
    await start([tcp(port)]);
    const old = plant.workers;
    old.forEach((pid) => process.kill(pid, "SIGSTOP"));
    try {
      const sockets = await Promise.all(
        Array.from({ length: QUEUED }, () => Socket.open({ port })),
      );
      for (const socket of sockets) socket.write(handshakeHead({ port }));
      await listenOn();
      old.forEach((pid) => process.kill(pid, "SIGCONT"));
      for (const socket of sockets) {
        const { status } = await readAnswer(socket, { deadline: SETTLE_MS });
        assert.equal(status, 101);
        socket.destroy();
      }
    } finally {
      old.forEach(goOn);
    }
    await until(() => isFree(port), { what: "a free port" });
  });

  test("that comes back serves again", async () => {
    const port = await freePort();
    await start([tcp(port)]);
    for (let i = 0; i < 3; i++) {
      const before = await enter({ port });
      await listenOn();
      await before.ends("policy_changed");
      await listenOn(tcp(port));
      await enter({ port });
    }
  });

  test("may move to every address and back, on the same port", async () => {
    const port = await freePort();
    await start([tcp(port)]);
    for (const address of ["0.0.0.0", "127.0.0.1", "0.0.0.0"]) {
      await listenOn(tcp(port, { address }));
      for (let i = 0; i < 10; i++) await enter({ port });
      for (const guest of guests.splice(0)) guest.destroy();
      await settled();
      const from = address === "0.0.0.0" ? "127.0.0.2" : "127.0.0.1";
      const socket = net.connect(port, from);
      await new Promise((resolve, reject) => {
        socket.once("connect", resolve);
        socket.once("error", reject);
      });
      socket.destroy();
    }
  });

  test("whose settings change ends its sessions, and no others", async () => {
    const port = await freePort();
    await start([tcp(port)]);
    const stays = await enter();
    const goes = await enter({ port });
    await listenOn(tcp(port, { connections_per_address: 100 }));
    await goes.ends("reload");
    await stays.hears();
    await enter({ port });
  });

  test("that gets TLS ends its plain sessions and speaks it", async () => {
    const port = await freePort();
    await start([tcp(port)]);
    const { certificate, key, ca } = await makeCertificate(folder);
    const stays = await enter();
    const goes = await enter({ port });
    await listenOn(tcp(port, { tls: { certificate, key } }));
    await goes.ends("reload");
    const secured = await enter({ port, secure: { ca } });
    await assert.rejects(enter({ port }));
    await listenOn(tcp(port));
    await secured.ends("reload");
    await enter({ port });
    await stays.hears();
  });

  test("and another may change places", async () => {
    const [a, b] = [await freePort(), await freePort()];
    await start([tcp(a), tcp(b, { header_bytes: 8192 })]);
    const stay = [await enter({ port: a }), await enter({ port: b })];
    await listenOn(tcp(b, { header_bytes: 8192 }), tcp(a));
    for (const guest of stay) await guest.hears();
    await enter({ port: a });
    await enter({ port: b });
  });
});

describe("a Unix path", () => {
  let number = 0;
  let path;

  const unix = (changes = {}) => ({ unix: path, ...changes });
  const fresh = () => (path = folder.at(`ws${++number}.sock`));

  test("that is new serves; that is no more is gone", async () => {
    await start();
    fresh();
    await listenOn(unix());
    const guest = await enter(onPath(path));
    await listenOn();
    await guest.ends("policy_changed");
    assert.equal(await exists(path), false);
  });

  test("gets another mode; its sessions end", async () => {
    fresh();
    await start([unix({ mode: "0660" })]);
    const guest = await enter(onPath(path));
    await listenOn(unix({ mode: "0606" }));
    assert.equal((await stat(path)).mode & 0o777, 0o606);
    await guest.ends("reload");
    await enter(onPath(path));
  });

  test("that somebody has removed is there again", async () => {
    fresh();
    await start([unix()], { workers: 2 });
    const guest = await enter(onPath(path));
    await rm(path);
    await plant.reload({ workers: 4 });
    assert.ok(await exists(path));
    await guest.hears();
    for (let i = 0; i < 20; i++) await enter(onPath(path));
    for (let i = 0; i < 20; i++) await enter();
    for (const one of guests.splice(0)) one.destroy();
    await settled(4);
    assert.ok(await exists(path), "the old workers leave it alone");
  });

  test("that somebody else serves now: all stays as it was", async () => {
    fresh();
    await start([unix()]);
    const guest = await enter(onPath(path));
    await rm(path);
    await occupy(path);
    const text = plant.config({ workers: 4 });
    await plant.gateway.notReloaded({ text });
    await guest.hears();
    for (let i = 0; i < 20; i++) await enter();
    for (const one of guests.splice(0)) one.destroy();
    await plant.stop();
    plant = null;
    assert.ok(await exists(path), "it is not ours");
  });
});

describe("the admin's listener", () => {
  test("comes, moves and goes", async () => {
    await start();
    const guest = await enter();
    let last = null;
    for (let i = 0; i < 3; i++) {
      const admin = new Admin(await freePort());
      await plant.reload({ admin: admin.setting });
      await admin.isReady();
      if (last) await until(() => isFree(last.port), { what: "a free port" });
      last = admin;
    }
    await plant.reload({ admin: {} });
    await until(() => isFree(last.port), { what: "a free port" });
    await guest.hears();
  });

  test("may take the port of a listener that goes", async () => {
    const port = await freePort();
    await start([tcp(port)]);
    const goes = await enter({ port });
    const admin = new Admin(port);
    await plant.reload({ listeners: [main], admin: admin.setting });
    await goes.ends("policy_changed");
    await admin.isReady();
    await plant.reload({ listeners: [main, tcp(port)], admin: {} });
    await enter({ port });
  });
});

describe("another number of workers", () => {
  test("costs no connect, whatever it is", async () => {
    const path = folder.at("crowd.sock");
    const { certificate, key, ca } = await makeCertificate(folder);
    const secured = await freePort();
    const more = [tcp(secured, { tls: { certificate, key } }), { unix: path }];
    await start(more);
    const stays = await enter();
    const ways = [
      { port: main.port },
      { port: secured, secure: { ca } },
      onPath(path),
    ];
    const knocker = new Knocker(ways);
    try {
      await knocker.goesOn();
      for (const workers of [4, 1, 3, 2]) {
        await plant.reload({ workers });
        await knocker.goesOn();
        await stays.hears();
      }
    } finally {
      assert.deepEqual(await knocker.stop(), []);
    }
  });

  // More of them than there are workers, so that each is found.
  test("smaller than before: all sockets are served", async () => {
    await start([], { workers: 4 });
    await plant.reload({ workers: 1 });
    await Promise.all(Array.from({ length: 100 }, () => enter()));
  });
});

describe("a port that is somebody else's", () => {
  async function descriptorsOf(pid) {
    const names = [];
    for (const fd of await readdir(`/proc/${pid}/fd`)) {
      const name = await readlink(`/proc/${pid}/fd/${fd}`).catch(() => "");
      names.push(name.replace(/\d+/g, "N"));
    }
    return names.sort();
  }

  test("keeps everything as it was, and nothing is left over", async () => {
    const port = await freePort();
    await occupy(port, "127.0.0.1");
    const path = folder.at("new.sock");
    await start();
    const guest = await enter();
    const pids = [plant.gateway.pid, ...plant.workers];
    const before = await Promise.all(pids.map(descriptorsOf));
    const free = await freePort();
    const { gateway } = plant;
    for (let i = 0; i < 3; i++) {
      const text = plant.config({
        workers: 2 + i,
        listeners: [main, { unix: path }, tcp(free), tcp(port)],
      });
      const line = await gateway.notReloaded({ text });
      assert.match(line, /not everything could be opened/);
      assert.match(
        gateway.lines.findLast((one) => /cannot listen/.test(one)),
        new RegExp(`:${port}\\b.*in use`),
      );
      assert.ok(await isFree(free), "the one before it is free");
      assert.equal(await exists(path), false);
    }
    assert.deepEqual(await gateway.workers(), plant.workers);
    assert.deepEqual(await Promise.all(pids.map(descriptorsOf)), before);
    await guest.hears();
    await enter();
    servers.splice(0).forEach((server) => server.close());
    await listenOn(tcp(free), tcp(port));
    await enter({ port });
  });

  test("is not shared with another postern either", async () => {
    const other = await Plant.start({ workers: 2 });
    try {
      await start();
      const text = plant.config({ listeners: [main, tcp(other.port)] });
      await plant.gateway.notReloaded({ text });
      await other.unaffected();
      const wide = tcp(other.port, { address: "0.0.0.0" });
      await plant.gateway.notReloaded({
        text: plant.config({ listeners: [main, wide] }),
      });
    } finally {
      await other.stop();
    }
  });

  test("and one of ours: another postern's address of it is not", async () => {
    const port = await freePort();
    const there = { address: "127.0.0.2", port };
    const other = await Plant.start({ workers: 2, listeners: [there] });
    try {
      await start([tcp(port)]);
      const text = plant.config({ listeners: [main, tcp(port), there] });
      await plant.gateway.notReloaded({ text });
    } finally {
      await other.stop();
    }
  });
});
