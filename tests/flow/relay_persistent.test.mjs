// SPDX-License-Identifier: Apache-2.0
// A persistent session collects messages at the broker while its browser
// is away.
import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";

import { Client } from "./fixtures/client.mjs";
import { LEVELS, VERSION_NAMES } from "./fixtures/packets.mjs";
import { Plant } from "./fixtures/plant.mjs";

const COUNT = 10;

describe("a persistent session", () => {
  let plant, device;

  before(async () => {
    plant = await Plant.start();
    device = await Client.open(plant.brokerUrl);
  });
  after(async () => {
    await device?.end();
    await plant?.stop();
  });

  const options = (level) => ({
    level,
    clean: false,
    clientId: `keeper-${level}`,
    ...(level === 5 ? { properties: { sessionExpiryInterval: 300 } } : {}),
  });

  for (const level of LEVELS) {
    for (const [leave, qos] of [
      ["end", 1],
      ["vanish", 2],
    ]) {
      test(`${VERSION_NAMES[level]}: what came after its browser's ${leave} is delivered in order`, async () => {
        const topic = `kept/${level}/${leave}`;
        const first = await Client.open(plant.url, options(level));
        await first.subscribe(topic, 2);
        await first[leave]();
        await plant.wire.untilClosed();
        const sent = [];
        for (let i = 0; i < COUNT; i++) {
          sent.push(`${i}`);
          await device.publish(topic, `${i}`, { qos });
        }
        const second = await Client.open(plant.url, options(level));
        const messages = await second.take(COUNT);
        if (level > 3) assert.equal(second.present, true);
        const payloads = messages.map(({ payload }) => payload.toString());
        assert.deepEqual(payloads, sent);
        await second.end();
      });
    }
  }
});
