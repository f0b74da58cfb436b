// SPDX-License-Identifier: Apache-2.0
// A listener is reached at its own address and at no other, whatever the
// library below would rather do: the sockets themselves are looked at.
import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import os from "node:os";
import { afterEach, describe, test } from "node:test";

import { Admin } from "./fixtures/admin.mjs";
import { Plant } from "./fixtures/plant.mjs";
import { freePort, freePorts } from "./fixtures/ports.mjs";

const WORKERS = 4;
const LISTENING = "0A"; // TCP_LISTEN in /proc/net/tcp
const V4 = { loopback: "0100007F", any: "00000000" };
const V6 = {
  loopback: "00000000000000000000000001000000",
  any: "00000000000000000000000000000000",
};
const { lo } = os.networkInterfaces();
const skip = lo.some(({ family }) => family === "IPv6") ? false : "no IPv6";

let plant = null;
afterEach(async () => {
  await plant?.stop();
  plant = null;
});

async function start(listeners, settings = {}) {
  plant = await Plant.start({ workers: WORKERS, listeners, ...settings });
}

// The addresses of the sockets that listen on a port, as the kernel has them.
async function listening(port) {
  const found = { tcp: [], tcp6: [] };
  for (const family of Object.keys(found)) {
    const text = await readFile(`/proc/net/${family}`, "utf8");
    for (const line of text.trim().split("\n").slice(1)) {
      const [, local, , state] = line.trim().split(/\s+/);
      const [address, hex] = local.split(":");
      if (state !== LISTENING || parseInt(hex, 16) !== port) continue;
      found[family].push(address);
    }
  }
  return found;
}

const each = (address) => Array(WORKERS).fill(address);

function arrive(address, port) {
  return plant.arrive({ address, port, host: `localhost:${port}` });
}

async function isRefused(address, port) {
  await assert.rejects(arrive(address, port), { code: "ECONNREFUSED" });
}

async function isServed(address, port) {
  (await arrive(address, port)).destroy();
}

describe("a listener on", () => {
  test("127.0.0.1 is on 127.0.0.1 only", async () => {
    const port = await freePort();
    await start([{ address: "127.0.0.1", port }]);
    assert.deepEqual(await listening(port), {
      tcp: each(V4.loopback),
      tcp6: [],
    });
    await isServed("127.0.0.1", port);
    await isRefused("127.0.0.2", port);
    for (const address of otherAddresses()) await isRefused(address, port);
  });

  test("::1 is on ::1 only", { skip }, async () => {
    const port = await freePort("::1");
    await start([{ address: "::1", port }]);
    assert.deepEqual(await listening(port), {
      tcp: [],
      tcp6: each(V6.loopback),
    });
    await isServed("::1", port);
    await isRefused("127.0.0.1", port);
  });

  test(":: takes no IPv4", { skip }, async () => {
    const port = await freePort("::");
    await start([{ address: "::", port }]);
    assert.deepEqual(await listening(port), { tcp: [], tcp6: each(V6.any) });
    await isServed("::1", port);
    await isRefused("127.0.0.1", port);
  });

  test("0.0.0.0 takes every IPv4 and no IPv6", { skip }, async () => {
    const port = await freePort("0.0.0.0");
    await start([{ address: "0.0.0.0", port }]);
    assert.deepEqual(await listening(port), { tcp: each(V4.any), tcp6: [] });
    await isServed("127.0.0.1", port);
    await isServed("127.0.0.2", port);
    await isRefused("::1", port);
  });

  test("127.0.0.1 and ::1 with one port is on both", { skip }, async () => {
    const port = await freePort();
    await start([
      { address: "127.0.0.1", port },
      { address: "::1", port },
    ]);
    assert.deepEqual(await listening(port), {
      tcp: each(V4.loopback),
      tcp6: each(V6.loopback),
    });
    await isServed("127.0.0.1", port);
    await isServed("::1", port);
  });
});

describe("admin.listen on", () => {
  test("127.0.0.1 is one socket on 127.0.0.1 only", async () => {
    const [port, adminPort] = await freePorts(2);
    const admin = new Admin(adminPort);
    await start([{ address: "127.0.0.1", port }], { admin: admin.setting });
    assert.deepEqual(await listening(adminPort), {
      tcp: [V4.loopback],
      tcp6: [],
    });
    assert.equal(await admin.status("/healthz"), 200);
  });
});

test("workers hold no listening socket of another one", async () => {
  const port = await freePort();
  await start([{ address: "127.0.0.1", port }]);
  const sockets = await listeningInodes(port);
  assert.equal(sockets.length, WORKERS);
  for (const pid of plant.workers) {
    const held = await socketsOf(pid);
    const own = sockets.filter((inode) => held.includes(inode));
    assert.equal(own.length, 1, `worker ${pid} holds ${own.length} of them`);
  }
});

async function listeningInodes(port) {
  const text = await readFile("/proc/net/tcp", "utf8");
  const rows = text.split("\n").map((line) => line.trim().split(/\s+/));
  const hex = port.toString(16).toUpperCase().padStart(4, "0");
  return rows
    .filter(([, local]) => local?.endsWith(`:${hex}`))
    .filter(([, , , state]) => state === LISTENING)
    .map((row) => row[9]);
}

async function socketsOf(pid) {
  const { readdir, readlink } = await import("node:fs/promises");
  const names = await readdir(`/proc/${pid}/fd`);
  const links = names.map((name) =>
    readlink(`/proc/${pid}/fd/${name}`).catch(() => ""),
  );
  const found = (await Promise.all(links)).map((x) => /^socket:\[(\d+)\]/.exec(x));
  return found.filter(Boolean).map(([, inode]) => inode);
}

// Of this machine, not loopback; there may be none.
function otherAddresses() {
  return Object.values(os.networkInterfaces())
    .flat()
    .filter(({ family, internal }) => family === "IPv4" && !internal)
    .map(({ address }) => address);
}
