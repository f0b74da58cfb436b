// SPDX-License-Identifier: Apache-2.0
// A browser that takes nothing cannot hold up the end; and what is to be
// seen from outside meanwhile.
import assert from "node:assert/strict";
import { afterEach, describe, test } from "node:test";

import { Admin } from "./fixtures/admin.mjs";
import { Client } from "./fixtures/client.mjs";
import { LEVELS, VERSION_NAMES } from "./fixtures/packets.mjs";
import { Plant } from "./fixtures/plant.mjs";
import { freePort } from "./fixtures/ports.mjs";
import { isRunning } from "./fixtures/processor.mjs";
import { still, until } from "./fixtures/wait.mjs";

const MIB = 1024 * 1024;
const SLACK_MS = 1000;

let plant, device, admin;

afterEach(async () => {
  await device?.end();
  await plant?.stop();
  plant = device = null;
});

async function start(drain, workers = 2) {
  admin = new Admin(await freePort());
  plant = await Plant.start({ workers, drain, admin: admin.setting });
  device = await Client.open(plant.brokerUrl);
}

// A browser to which nothing more can be written.
async function neverReads(options) {
  const browser = await plant.open(options);
  await browser.subscribe("flood");
  browser.websocket.pause();
  const payload = Buffer.alloc(MIB, "flood");
  const link = plant.wire.links.at(-1);
  for (let i = 0; i < 16; i++) await device.publish("flood", payload);
  await still(() => link.down, { quiet: 300 });
  return browser;
}

async function drain() {
  plant.gateway.signal("SIGTERM");
  await plant.gateway.line(/^draining/);
  return performance.now();
}

async function noneIsLeft() {
  const none = async () => {
    const running = await Promise.all(plant.workers.map(isRunning));
    return !running.includes(true);
  };
  await until(none, { deadline: SLACK_MS, what: "no worker is left" });
}

describe("a browser that never reads", () => {
  test("holds up the end for drain.timeout_s only", async () => {
    await start({ timeout_s: 2, spread_s: 0 });
    await neverReads();
    const begin = await drain();
    const exit = await plant.gateway.ended({ deadline: 2000 + SLACK_MS });
    const took = performance.now() - begin;
    assert.ok(took > 1500, `given up after ${took} ms`);
    assert.deepEqual(exit, { code: 0, signal: null });
    await noneIsLeft();
    await plant.gateway.line(/^warning: drain took too long/);
  });

  test("holds up no other session", async () => {
    await start({ timeout_s: 2, spread_s: 0 });
    await neverReads();
    const others = [];
    for (let i = 0; i < 10; i++) others.push(await plant.open());
    const begin = await drain();
    for (const other of others) {
      const { code } = await other.expectClose({ deadline: 1000 });
      assert.equal(code, 1001);
    }
    assert.ok(performance.now() - begin < 1000);
  });

  for (const level of LEVELS) {
    const name = VERSION_NAMES[level];
    test(`${name}: that reads again in time gets all there was, then 1001`, async () => {
      await start({ timeout_s: 10, spread_s: 0 });
      const browser = await neverReads({ level });
      await drain();
      browser.websocket.resume();
      const { code, reason, packets, rest } = await browser.expectClose();
      assert.deepEqual([code, reason], [1001, "drain"]);
      // A packet is cut where the gateway stopped; nothing is put into it.
      const suback = level === 5 ? 6 : 5;
      const sizes = packets.map(({ bytes }) => bytes.length);
      const got = sizes.reduce((sum, size) => sum + size, rest);
      const line = await plant.gateway.line(/^session \S+ closed reason=drain/);
      const down = Number(/\bdown=(\d+)/.exec(line)[1]);
      assert.equal(got + browser.connack.bytes.length + suback, down);
      const exit = await plant.gateway.ended({ deadline: 2000 });
      assert.deepEqual(exit, { code: 0, signal: null });
    });
  }

  test("a second SIGTERM ends it all within a second", async () => {
    await start({ timeout_s: 60, spread_s: 0 });
    await neverReads();
    await drain();
    plant.gateway.signal("SIGTERM");
    const exit = await plant.gateway.ended({ deadline: 1000 });
    assert.deepEqual(exit, { code: 0, signal: null });
    await noneIsLeft();
  });
});

describe("a second SIGTERM", () => {
  test("ends sessions that wait for their turn within a second", async () => {
    await start({ timeout_s: 60, spread_s: 60 });
    const opened = Array.from({ length: 20 }, () => plant.open());
    const browsers = await Promise.all(opened);
    await drain();
    plant.gateway.signal("SIGTERM");
    await plant.gateway.ended({ deadline: 1000 });
    for (const one of browsers) await one.websocket.untilEnded();
    await noneIsLeft();
  });
});

test("SIGTERM again and again until the end changes nothing about it", async () => {
  await start({ timeout_s: 5, spread_s: 0 });
  const again = setInterval(() => plant.gateway.signal("SIGTERM"), 1);
  try {
    const exit = await plant.gateway.ended({ deadline: 2000 });
    assert.deepEqual(exit, { code: 0, signal: null });
  } finally {
    clearInterval(again);
  }
});

describe("the admin pages of a gateway that drains", () => {
  test("/readyz says 503 from the first moment, /healthz goes on with 200", async () => {
    // One worker: another one, without sessions, would end and take along
    // the requests that it has.
    await start({ timeout_s: 3, spread_s: 0 }, 1);
    const ready = async () => (await admin.status("/readyz")) === 200;
    await until(ready, { what: "ready" });
    await neverReads();
    const from = await drain();
    for (let i = 0; i < 20; i++) {
      const answer = await admin.get("/readyz");
      assert.equal(answer.status, 503);
      assert.match(answer.body, /draining/);
      assert.equal(await admin.status("/healthz"), 200);
    }
    assert.ok(performance.now() - from < 3000, "before the end");
  });

  test("/metrics count the sessions down", async () => {
    await start({ timeout_s: 5, spread_s: 0 }, 1);
    await neverReads();
    for (let i = 0; i < 5; i++) await plant.open();
    const before = await admin.metrics();
    assert.equal(before.sum("postern_sessions"), 6);
    await drain();
    const closed = 'postern_sessions_closed_total{reason="drain"}';
    await until(
      async () => (await admin.metrics()).value(closed) === 6,
      { deadline: 2000, what: "six ends by drain" },
    );
    const now = await admin.metrics();
    assert.equal(now.value("postern_workers_accepting"), 0);
  });
});
