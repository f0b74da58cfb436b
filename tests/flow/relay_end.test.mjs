// SPDX-License-Identifier: Apache-2.0
// What a browser sent before it ended reaches the broker.
import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";

import mqtt from "mqtt";

import { Client, version } from "./fixtures/client.mjs";
import * as packets from "./fixtures/packets.mjs";
import { LEVELS, VERSION_NAMES } from "./fixtures/packets.mjs";
import { Plant } from "./fixtures/plant.mjs";
import { ALLOWED } from "./fixtures/request.mjs";
import { each } from "./fixtures/wait.mjs";
import { closeFrame, frame } from "./fixtures/websocket.mjs";

const RUNS = 1000;
const AT_ONCE = 20;

describe("a publish followed at once by the end", () => {
  let plant, device;

  before(async () => {
    plant = await Plant.start();
    device = await Client.open(plant.brokerUrl);
    await device.subscribe("end/#");
  });
  after(async () => {
    await device?.end();
    await plant?.stop();
  });

  // As people write it: no callback, no wait between the two.
  function publishAndEnd(topic, payload, level = 4) {
    return new Promise((resolve, reject) => {
      const client = mqtt.connect(plant.url, {
        ...version(level),
        reconnectPeriod: 0,
        wsOptions: { origin: ALLOWED },
      });
      client.on("error", reject);
      client.on("connect", () => {
        client.publish(topic, payload);
        client.end(false, {}, () => resolve());
      });
    });
  }

  async function allArrive(count) {
    const messages = await device.take(count);
    const seen = new Set(messages.map(({ payload }) => payload.toString()));
    assert.equal(seen.size, count);
  }

  test(`loses nothing in ${RUNS} runs of MQTT.js`, async () => {
    await each(RUNS, AT_ONCE, (run) => publishAndEnd("end/js", `run ${run}`));
    await allArrive(RUNS);
  });

  for (const level of LEVELS) {
    const last = (payload) => [
      packets.publish({ level, topic: "end/raw", payload }),
      packets.disconnect({ level }),
    ];

    test(`${VERSION_NAMES[level]}: nothing is lost by MQTT.js`, async () => {
      await each(20, AT_ONCE, (run) => publishAndEnd("end", `${run}`, level));
      await allArrive(20);
    });

    test(`${VERSION_NAMES[level]}: in one segment with DISCONNECT and close frame arrives`, async () => {
      for (let run = 0; run < 50; run++) {
        const browser = await plant.open({ level });
        const frames = last(`raw ${run}`).map((bytes) => frame(bytes));
        browser.websocket.write(Buffer.concat([...frames, closeFrame(1000)]));
        await browser.websocket.untilEnded();
      }
      await allArrive(50);
    });

    test(`${VERSION_NAMES[level]}: arrives when TCP is closed without a close frame`, async () => {
      for (let run = 0; run < 20; run++) {
        const browser = await plant.open({ level });
        browser.send(...last(`raw ${run}`));
        browser.websocket.socket.end();
        await browser.websocket.untilEnded();
      }
      await allArrive(20);
    });

    test(`${VERSION_NAMES[level]}: arrives while the broker is sending, too`, async () => {
      const payload = Buffer.alloc(20000, "echo");
      const message = packets.publish({ level, topic: "end/echo", payload });
      const count = 100;
      for (let run = 0; run < 5; run++) {
        const browser = await plant.open({ level });
        await browser.subscribe("end/echo");
        const messages = Array.from({ length: count }, () => message);
        browser.send(...messages, packets.disconnect({ level }));
        browser.websocket.close();
        const { length } = await device.take(count);
        assert.equal(length, count);
        await browser.websocket.untilEnded();
      }
    });

    test(`${VERSION_NAMES[level]}: arrives through a broker that reads slowly`, async () => {
      const browser = await plant.open({ level });
      const payload = Buffer.alloc(1024 * 1024, "slow ");
      plant.wire.stall();
      for (const bytes of last(payload)) browser.websocket.send(bytes);
      browser.websocket.close();
      plant.wire.resume();
      const message = await device.message();
      assert.deepEqual(message.payload, payload);
      await browser.websocket.untilEnded();
    });
  }
});
