// SPDX-License-Identifier: Apache-2.0
// connects_per_s of an upstream: who waits for his turn, who is told at the
// door to come again, and what those get whose turn never comes.
import assert from "node:assert/strict";
import { after, afterEach, before, beforeEach, describe, test } from "node:test";

import { Admin } from "./fixtures/admin.mjs";
import { jsonRoute, mqttRoute, plant as plantOf } from "./fixtures/config.mjs";
import { LEVELS, VERSION_NAMES } from "./fixtures/packets.mjs";
import { Plant } from "./fixtures/plant.mjs";
import { freePort } from "./fixtures/ports.mjs";
import { until } from "./fixtures/wait.mjs";
import { handshake } from "./fixtures/websocket.mjs";

const PER_S = 10;
const COUNT = 60;
const SESSIONS = 40;
const REFUSED =
  'postern_handshake_refused_total{reason="upstream_unreachable"}';
const CLOSED = 'postern_sessions_closed_total{reason="upstream_unreachable"}';
const REACHED = 'postern_upstream_connects_total{result="reached"}';
const HELD_BACK = 'postern_upstream_connects_total{result="held_back"}';

describe("a crowd at the door", () => {
  let plant, admin, answers;

  before(async () => {
    admin = new Admin(await freePort());
    plant = await Plant.start({
      workers: 2,
      admin: admin.setting,
      upstream: { connects_per_s: PER_S },
      extraUpstreams: [plantOf(1, { name: "other" })],
      routes: [
        mqttRoute({ limits: { sessions: SESSIONS } }),
        mqttRoute({ path: "/other", upstream: "other" }),
      ],
    });
    answers = await Promise.all(
      Array.from({ length: COUNT }, () => handshake({ port: plant.port })),
    );
  });
  after(async () => {
    for (const { socket } of answers ?? []) socket.destroy();
    await plant?.stop();
  });

  const value = async (sample) => (await admin.metrics()).value(sample);
  const refused = () => answers.filter(({ status }) => status !== 101);

  test("comes in as far as a turn is near", () => {
    const count = COUNT - refused().length;
    assert.ok(count >= PER_S - 1 && count < COUNT / 2, `${count} came in`);
  });

  test("hears 503 and when to come again, each something else", () => {
    const times = new Set();
    for (const answer of refused()) {
      assert.equal(answer.status, 503, answer.line);
      assert.equal(answer.body, "Try again later.\n");
      times.add(Number(answer.get("retry-after")));
    }
    const all = [...times];
    assert.ok(Math.min(...all) >= 2 && Math.max(...all) <= 12, `${all}`);
    assert.ok(all.length > 3, `${all}`);
  });

  test("is counted as refused, no session of it as closed", async () => {
    assert.equal(await value(REFUSED), refused().length);
    assert.equal(await value(CLOSED), 0);
    const line = /^warning: handshake refused reason=upstream_unreachable /;
    await plant.gateway.line(line);
  });

  test("takes no places of the route with it", async () => {
    const least = SESSIONS - (COUNT - refused().length);
    const fresh = [];
    const arrive = () => plant.arrive().catch(() => null);
    for (let i = 0; i < least; i++) {
      fresh.push(await until(arrive, { what: "a place", deadline: 20000 }));
    }
    assert.equal(fresh.length, least);
  });

  test("is no reason to refuse for another upstream", async () => {
    const answer = await handshake({ port: plant.port, target: "/other" });
    answer.socket.destroy();
    assert.equal(answer.status, 101);
  });
});

test("browsers that leave without a CONNECT keep nobody out", async () => {
  const plant = await Plant.start({ upstream: { connects_per_s: PER_S } });
  try {
    for (let i = 0; i < COUNT; i++) {
      const { status, socket } = await handshake({ port: plant.port });
      assert.equal(status, 101, `number ${i + 1}`);
      socket.destroy();
      await plant.gateway.line(new RegExp(`^session w1-${i + 1} closed`));
    }
  } finally {
    await plant.stop();
  }
});

describe("sessions whose turn has passed", () => {
  let plant, admin;

  beforeEach(async () => {
    admin = new Admin(await freePort());
    plant = await Plant.start({
      admin: admin.setting,
      upstream: { connects_per_s: PER_S },
      routes: [mqttRoute({ connect_timeout_s: 60 })],
    });
  });
  afterEach(() => plant?.stop());

  const value = async (sample) => (await admin.metrics()).value(sample);

  // All of them without a CONNECT, as they are let in.
  async function gather(level) {
    const browsers = [];
    const arrive = () => plant.arrive({ level }).catch(() => null);
    while (browsers.length < COUNT) {
      const what = "a handshake";
      browsers.push(await until(arrive, { what, deadline: 20000 }));
    }
    return browsers;
  }

  for (const level of LEVELS) {
    const code = level === 5 ? 0x88 : 3;
    test(`${VERSION_NAMES[level]}: wait, or get CONNACK ${code}`, async () => {
      const browsers = await gather(level);
      for (const browser of browsers) browser.connect();
      const first = await Promise.all(
        browsers.map((browser) => browser.expect("connack", { deadline: 20000 })),
      );
      const late = browsers.filter((_, i) => first[i].code !== 0);
      const count = COUNT - late.length;
      assert.ok(count >= PER_S * 2 && count <= PER_S * 4, `${count} had a turn`);
      for (const [i, browser] of browsers.entries()) {
        if (first[i].code === 0) continue;
        assert.equal(first[i].code, code);
        const { code: end, reason } = await browser.expectClose();
        assert.deepEqual([end, reason], [1013, "upstream_unreachable"]);
      }
      assert.equal(await value(CLOSED), late.length);
      assert.equal(await value(HELD_BACK), late.length);
      assert.equal(await value(REACHED), count);
    });
  }

  test("leave nothing behind when they leave while they wait", async () => {
    await admin.isReady(); // the look at the broker has what it needs
    const idle = await plant.gateway.descriptors();
    const browsers = await gather(4);
    for (const browser of browsers) browser.connect({ clientId: "gone" });
    for (const browser of browsers) browser.destroy();
    const isIdle = async () => (await plant.gateway.descriptors()) <= idle;
    await until(isIdle, { deadline: 20000, what: "all is given back" });
    assert.equal((await admin.metrics()).sum("postern_sessions"), 0);
  });

  test("are delivered what they said before they left", async () => {
    const listener = await plant.open();
    await listener.subscribe("last/#", 1);
    const browsers = await gather(4);
    for (const browser of browsers.slice(0, PER_S)) {
      browser.connect({ clientId: `leaves-${browsers.indexOf(browser)}` });
      browser.publish("last/words", "x", { qos: 0 });
      await browser.leave();
    }
    for (let i = 0; i < PER_S; i++) {
      await listener.message({ deadline: 10000 });
    }
  });
});

describe("without a bound", () => {
  let plant;

  before(async () => {
    plant = await Plant.start({ upstream: { connects_per_s: 0 } });
  });
  after(() => plant?.stop());

  test("all come in at once", async () => {
    const opened = Array.from({ length: COUNT }, () => plant.open());
    await Promise.all(opened);
    assert.equal(plant.wire.connections, COUNT);
  });
});

describe("pages whose broker was away", () => {
  const PAGES = 30;
  let plant, admin, pages;

  before(async () => {
    admin = new Admin(await freePort());
    plant = await Plant.start({
      admin: admin.setting,
      upstream: { connects_per_s: PER_S },
      routes: [jsonRoute()],
    });
    pages = [];
    const open = () => plant.page().catch(() => null);
    while (pages.length < PAGES) {
      pages.push(await until(open, { deadline: 20000, what: "a page" }));
    }
  });
  after(() => plant?.stop());

  test("stay, and are connected again one after the other", async () => {
    const from = plant.wire.connections;
    const start = performance.now();
    plant.wire.cut();
    await Promise.all(
      pages.map((page) => page.status("up", { deadline: 60000 })),
    );
    const passed = (performance.now() - start) / 1000;
    const connects = plant.wire.connections - from;
    assert.ok(connects >= PAGES);
    assert.ok(connects <= PER_S * passed + 2, `${connects} in ${passed} s`);
    assert.ok(pages.every((page) => !page.ended));
  });
});
