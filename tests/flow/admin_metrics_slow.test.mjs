// SPDX-License-Identifier: Apache-2.0
// Who of the two sides was slow, and what waits or was lost for it, /metrics
// tells apart.
import assert from "node:assert/strict";
import { after, afterEach, before, beforeEach, describe, test } from "node:test";

import { Admin } from "./fixtures/admin.mjs";
import { Browser } from "./fixtures/browser.mjs";
import { Channel } from "./fixtures/channel.mjs";
import { channelRoute } from "./fixtures/channel_route.mjs";
import { Client } from "./fixtures/client.mjs";
import {
  configText,
  jsonRoute,
  mqttRoute,
  plant as upstream,
} from "./fixtures/config.mjs";
import { Gateway } from "./fixtures/gateway.mjs";
import * as packets from "./fixtures/packets.mjs";
import { Plant } from "./fixtures/plant.mjs";
import { freePort } from "./fixtures/ports.mjs";
import { SilentServer } from "./fixtures/silent_server.mjs";

const MUCH = Buffer.alloc(256 * 1024, "much");
const MANY = 128; // together more than all kernels on the way hold
const HALF = "h".repeat(100_000); // of what may wait for a page, and more
const READER = "postern_slow_reader_pauses_total";
const BROKER = "postern_slow_broker_pauses_total";
const DROPPED = "postern_messages_dropped_total";
const QUEUE = "postern_queue_bytes";
const TOOK = "postern_upstream_connect_seconds";

const deadline = 20000;

describe("/metrics, when somebody is slow", () => {
  let plant, admin, device, counted;

  before(async () => {
    admin = new Admin(await freePort());
    const stall_s = 60;
    plant = await Plant.start({
      workers: 2,
      admin: admin.setting,
      routes: [
        mqttRoute({ stall_s }),
        jsonRoute({ stall_s }),
        channelRoute({ publish: "own", subscribe: ["own"], stall_s }),
      ],
    });
    device = await Client.open(plant.brokerUrl);
  });
  after(async () => {
    await device?.end();
    await plant?.stop();
  });

  beforeEach(async () => {
    counted = await admin.metrics();
  });
  // All that waited goes with those it waited for.
  afterEach(async () => {
    await admin.is(QUEUE, (bytes) => bytes === 0, { deadline });
  });

  const rises = (name) => {
    const from = counted.sum(name);
    return admin.is(name, (now) => now > from, { what: "rises", deadline });
  };
  const stays = async (...names) => {
    const now = await admin.metrics();
    for (const name of names) {
      assert.equal(now.sum(name), counted.sum(name), name);
    }
  };
  const queues = () => admin.is(QUEUE, (bytes) => bytes > 0, { deadline });

  test("a browser that does not read is a slow reader", async () => {
    const browser = await plant.open();
    await browser.subscribe("flood");
    browser.websocket.pause();
    for (let i = 0; i < MANY; i++) await device.publish("flood", MUCH);
    await rises(READER);
    await stays(BROKER, DROPPED);
    browser.destroy();
  });

  test("a broker that does not read is a slow broker", async () => {
    const browser = await plant.open();
    plant.wire.stall();
    for (let i = 0; i < MANY; i++) {
      browser.send(packets.publish({ topic: "up", payload: MUCH }));
    }
    await rises(BROKER);
    await queues();
    await stays(READER, DROPPED);
    browser.destroy();
    plant.wire.cut();
    plant.wire.resume();
  });

  test("a json page that does not read loses messages of QoS 0", async () => {
    const page = await plant.page();
    const seen = { messages: 0, dropped: 0 };
    await page.subscribe("fast", { qos: 0 });
    page.divert("message", () => seen.messages++);
    page.divert("dropped", ({ count }) => (seen.dropped += count));
    page.pause();
    for (let i = 0; i < MANY; i++) await device.publish("fast", MUCH);
    await rises(DROPPED);
    await queues();
    await stays(BROKER);
    page.resume();
    const isAll = () => seen.messages + seen.dropped === MANY;
    await page.until(isAll, { deadline, what: "all are accounted for" });
    const now = await admin.metrics();
    assert.equal(now.sum(DROPPED) - counted.sum(DROPPED), seen.dropped);
    await page.leave();
  });

  test("a json page that does not read QoS 1 is a slow reader", async () => {
    const page = await plant.page();
    await page.subscribe("sure", { qos: 1 });
    page.pause();
    for (let i = 0; i < MANY; i++) {
      await device.publish("sure", MUCH, { qos: 1 });
    }
    await rises(READER);
    await queues();
    await stays(BROKER, DROPPED);
    page.destroy();
  });

  test("a channel that does not read is a slow reader", async () => {
    const channel = await Channel.open({ port: plant.port });
    channel.send("subscribed");
    await channel.text();
    channel.websocket.pause();
    for (let i = 0; i < MANY; i++) {
      await device.publish("own", MUCH, { qos: 1 });
    }
    await rises(READER);
    await queues();
    await stays(BROKER, DROPPED);
    channel.destroy();
  });

  test("a broker that does not answer a json page is a slow broker", async () => {
    const page = await plant.page();
    plant.wire.stall();
    for (let i = 0; i < 3; i++) {
      page.start({ type: "publish", topic: "up", payload: HALF, qos: 1 });
    }
    await rises(BROKER);
    await queues();
    await stays(READER, DROPPED);
    page.destroy();
    plant.wire.cut();
    plant.wire.resume();
  });
});

describe("/metrics, when the first of two servers is silent", () => {
  let plant, admin, silent, gateway, port;

  before(async () => {
    silent = await SilentServer.start();
    plant = await Plant.start();
    admin = new Admin(await freePort());
    port = await freePort();
    const servers = [silent.port, plant.broker.port].map(
      (one) => `mqtt://127.0.0.1:${one}`,
    );
    gateway = await Gateway.start({
      config: configText({
        port,
        admin: admin.setting,
        upstreams: [upstream(0, { servers })],
      }),
    });
  });
  after(async () => {
    await gateway?.stop();
    await plant?.stop();
    await silent?.stop();
  });

  test("connecting has taken the second that this costs", async () => {
    await admin.adds(
      {
        [`${TOOK}_bucket{le="0.5"}`]: 0,
        [`${TOOK}_bucket{le="+Inf"}`]: 1,
        [`${TOOK}_count`]: 1,
      },
      async () => {
        const browser = await Browser.open({ port });
        await browser.leave();
      },
    );
    const sum = (await admin.metrics()).value(`${TOOK}_sum`);
    assert.ok(sum > 0.5, `${sum} s`);
  });
});
