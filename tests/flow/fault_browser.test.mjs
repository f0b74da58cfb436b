// SPDX-License-Identifier: Apache-2.0
// Faults F08, F10, F16 and F34: browsers that are half open, vanish, or sit
// behind a proxy that cuts who is silent; and a gateway that was suspended.
import assert from "node:assert/strict";
import { after, afterEach, before, describe, test } from "node:test";

import { Admin } from "./fixtures/admin.mjs";
import { Client } from "./fixtures/client.mjs";
import { mqttRoute } from "./fixtures/config.mjs";
import * as packets from "./fixtures/packets.mjs";
import { LEVELS, VERSION_NAMES } from "./fixtures/packets.mjs";
import { Plant } from "./fixtures/plant.mjs";
import { freePort } from "./fixtures/ports.mjs";
import { throughout } from "./fixtures/processor.mjs";
import { still, until } from "./fixtures/wait.mjs";
import { Wire } from "./fixtures/wire.mjs";

describe("F08: a browser that is half open", () => {
  let plant, device, wire;

  before(async () => {
    plant = await Plant.start({ route: { ping_s: 1, pong_s: 1 } });
    device = await Client.open(plant.brokerUrl);
    await device.subscribe("will/#");
    wire = await Wire.start({ to: plant.port });
  });
  after(async () => {
    await wire?.stop();
    await device?.end();
    await plant?.stop();
  });

  for (const level of LEVELS) {
    test(`${VERSION_NAMES[level]}: is given up, and its will is sent`, async () => {
      const will = { topic: `will/${level}`, payload: "gone" };
      const browser = await plant.open({
        level,
        port: wire.port,
        session: { will, keepAlive: 0 },
      });
      const link = plant.wire.links.at(-1);
      const { up } = link;
      wire.stall();
      const { topic, payload } = await device.message({ deadline: 4000 });
      assert.deepEqual([topic, payload.toString()], [will.topic, "gone"]);
      await plant.wire.untilClosed({ link });
      assert.equal(link.up, up, "no DISCONNECT went to the broker");
      await plant.gateway.line(/^session \S+ closed reason=idle/);
      wire.resume();
      browser.destroy();
    });
  }

  test("costs no descriptor once it is given up", async () => {
    await until(async () => plant.wire.live === 0, { what: "no session" });
    const before = await plant.gateway.descriptors();
    const browsers = [];
    for (let i = 0; i < 20; i++) {
      browsers.push(await plant.open({ port: wire.port }));
    }
    wire.stall();
    const same = async () => (await plant.gateway.descriptors()) <= before;
    await until(same, { deadline: 15000, what: "as many as before" });
    wire.resume();
    for (const browser of browsers) browser.destroy();
  });
});

describe("F10: a browser that vanishes", () => {
  const COUNT = 10000;
  const ROUNDS = 4;
  const payload = Buffer.alloc(200, "flight");
  let plant, admin, device;

  before(async () => {
    admin = new Admin(await freePort());
    plant = await Plant.start({ admin: admin.setting });
    device = await Client.open(plant.brokerUrl);
    await plant.unaffected();
    await admin.isReady(); // the look at the broker has its descriptors
  });
  after(async () => {
    await device?.end();
    await plant?.stop(); // a sanitizer tells of leaks then
  });

  const noneIsLeft = () =>
    until(
      async () => (await admin.metrics()).sum("postern_sessions") === 1,
      { what: "the bystander's session only" },
    );

  async function leavesNothing(round) {
    const before = await plant.gateway.descriptors();
    for (let i = 0; i < ROUNDS; i++) {
      await round();
      await plant.unaffected();
    }
    await noneIsLeft();
    const same = async () => (await plant.gateway.descriptors()) <= before;
    await until(same, { what: `no more than ${before} descriptors` }).catch(
      async (error) => {
        const names = await plant.gateway.descriptorNames();
        assert.fail(`${error.message}: ${names.join(" ")}`);
      },
    );
  }

  test(`with ${COUNT} packets on their way to the broker, leaves nothing`, () =>
    leavesNothing(async () => {
      const browser = await plant.open();
      const link = plant.wire.links.at(-1);
      link.front.pause(); // the broker takes nothing
      const pieces = [];
      for (let i = 0; i < COUNT; i++) {
        const id = (i % 65535) + 1;
        pieces.push(packets.publish({ topic: "f", payload, qos: 1, id }));
      }
      browser.send(...pieces);
      const { socket } = browser.websocket;
      await still(() => 1e9 - socket.waiting, { quiet: 100 });
      browser.destroy();
      link.front.resume();
    }));

  test(`with ${COUNT} packets on their way to it, leaves nothing`, () =>
    leavesNothing(async () => {
      const browser = await plant.open();
      await browser.subscribe("flight");
      const link = plant.wire.links.at(-1);
      browser.websocket.pause();
      const pieces = Array(COUNT).fill(
        packets.publish({ topic: "flight", payload }),
      );
      link.front.write(Buffer.concat(pieces));
      await still(() => link.front.bytesWritten - link.front.writableLength, {
        quiet: 100,
      });
      browser.destroy();
    }));

  test("in the middle of a packet, leaves nothing", () =>
    leavesNothing(async () => {
      const browser = await plant.open();
      const bytes = packets.publish({ topic: "half", payload: "x".repeat(999) });
      browser.send(bytes.subarray(0, 500));
      await plant.wire.until(() => plant.wire.links.at(-1).up > 0);
      browser.destroy();
    }));

  test("while its upstream is being reached, leaves nothing", () =>
    leavesNothing(async () => {
      const browsers = [];
      for (let i = 0; i < 50; i++) browsers.push(await plant.arrive());
      for (const browser of browsers) {
        browser.connect();
        browser.destroy();
      }
    }));
});

describe("F16: a gateway that was suspended", () => {
  const SUSPENDED_MS = 3000;
  let plant, device;

  before(async () => {
    plant = await Plant.start({
      workers: 2,
      routes: [
        mqttRoute(),
        mqttRoute({ path: "/short", ping_s: 1, pong_s: 1 }),
        mqttRoute({ path: "/late", connect_timeout_s: 1 }),
      ],
    });
    device = await Client.open(plant.brokerUrl);
  });
  afterEach(() => signalAll("SIGCONT"));
  after(async () => {
    await device?.end();
    await plant?.stop();
  });

  function signalAll(signal) {
    for (const pid of [plant.gateway.pid, ...plant.workers]) {
      process.kill(pid, signal);
    }
  }

  test("ends sessions whose time is over, the others go on", async () => {
    const living = [];
    for (let i = 0; i < 10; i++) {
      const browser = await plant.open();
      await browser.subscribe("through");
      living.push(browser);
    }
    const silent = await plant.open({ target: "/short" });
    silent.websocket.answerPings = false;
    const late = await plant.arrive({ target: "/late" });

    signalAll("SIGSTOP");
    let count = 0;
    await throughout(SUSPENDED_MS, () => {
      living[0].publish("through", String(count++));
    });
    signalAll("SIGCONT");

    for (const browser of living) {
      for (let i = 0; i < count; i++) {
        const { payload } = await browser.message();
        assert.equal(payload.toString(), String(i));
      }
    }
    const ends = [
      [silent, [1001, "idle"]],
      [late, [1008, "connect_timeout"]],
    ];
    for (const [browser, expected] of ends) {
      const { code, reason } = await browser.expectClose();
      assert.deepEqual([code, reason], expected);
    }
    assert.deepEqual(await plant.gateway.workers(), plant.workers);
    const bad = plant.gateway.lines.filter((line) => /^error/.test(line));
    assert.deepEqual(bad, []);
    await (await plant.open()).leave();
  });
});

describe("F34: a proxy in front that cuts who is silent", () => {
  const IDLE_MS = 3000;
  let plant, proxy;

  before(async () => {
    plant = await Plant.start({
      routes: [mqttRoute(), mqttRoute({ path: "/pinged", ping_s: 1 })],
    });
    proxy = await Wire.start({ to: plant.port });
  });
  after(async () => {
    await proxy?.stop();
    await plant?.stop();
  });

  async function open(target) {
    const session = { keepAlive: 0 };
    const browser = await plant.open({ port: proxy.port, target, session });
    const { front } = proxy.links.at(-1);
    front.setTimeout(IDLE_MS, () => front.destroy());
    return browser;
  }

  test("does not cut a session that is pinged more often than that", async () => {
    const [pinged, other] = [await open("/pinged"), await open("/mqtt")];
    await pinged.subscribe("still/here");
    // Pings are answered while frames are waited for.
    const message = pinged.message({ deadline: IDLE_MS * 5 });
    message.catch(() => {}); // its reason is told below
    await other.websocket.untilEnded({ deadline: IDLE_MS + 1000 });
    const { websocket } = pinged;
    const often = (IDLE_MS * 2) / 1000;
    const many = () => {
      assert.equal(websocket.socket.ended, false, "it was cut");
      return websocket.pings >= often;
    };
    await websocket.socket.until(many, { deadline: IDLE_MS * 3, what: "pings" });
    pinged.publish("still/here", "yes");
    assert.equal((await message).payload.toString(), "yes");
    await pinged.leave();
  });
});
