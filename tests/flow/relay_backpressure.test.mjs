// SPDX-License-Identifier: Apache-2.0
// When one side does not read, the other is not read either; nothing is
// lost and nothing piles up in the gateway.
import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";

import { Client } from "./fixtures/client.mjs";
import { publish } from "./fixtures/packets.mjs";
import { Plant } from "./fixtures/plant.mjs";
import { still } from "./fixtures/wait.mjs";

const MIB = 1024 * 1024;
const COUNT = 128;
const payload = Buffer.alloc(MIB / 4, "pressure");
const SENT = COUNT * payload.length; // 32 MiB
const KEPT = 8 * MIB; // what kernels may hold on the way, and some more

describe("back-pressure", () => {
  let plant, device;

  before(async () => {
    plant = await Plant.start();
    device = await Client.open(plant.brokerUrl);
  });
  after(async () => {
    await device?.end();
    await plant?.stop();
  });

  test("a browser that does not read holds up its broker only", async () => {
    const browser = await plant.open();
    await browser.subscribe("flood", 0);
    await plant.unaffected();
    const before = await plant.gateway.memory();
    const link = plant.wire.links[0];
    browser.websocket.pause();
    for (let i = 0; i < COUNT; i++) await device.publish("flood", payload);
    await still(() => link.down);
    assert.ok(link.down < SENT / 2, `${link.down} octets were read`);
    const grown = (await plant.gateway.memory()) - before;
    assert.ok(grown < KEPT, `${grown} octets more memory`);
    await plant.unaffected();
    browser.websocket.resume();
    for (let i = 0; i < COUNT; i++) {
      const message = await browser.message({ deadline: 20000 });
      assert.equal(message.payload.length, payload.length);
    }
    await browser.leave();
  });

  test("a broker that does not read holds up its browser", async () => {
    const browser = await plant.open();
    await device.subscribe("up", 0);
    const before = await plant.gateway.memory();
    plant.wire.stall();
    for (let i = 0; i < COUNT; i++) {
      browser.send(publish({ topic: "up", payload }));
    }
    const { socket } = browser.websocket;
    await still(() => SENT * 2 - socket.waiting);
    assert.ok(socket.waiting > SENT / 3, `${socket.waiting} octets wait`);
    const grown = (await plant.gateway.memory()) - before;
    assert.ok(grown < KEPT, `${grown} octets more memory`);
    plant.wire.resume();
    const messages = await device.take(COUNT, { deadline: 20000 });
    assert.ok(messages.every((one) => one.payload.equals(payload)));
    await browser.leave();
  });
});
