// SPDX-License-Identifier: Apache-2.0
// More properties than a packet of MQTT may have (64, 16384 octets) are answered,
// and do not reach the broker.
import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";

import { Client } from "./fixtures/client.mjs";
import { jsonRoutes } from "./fixtures/config.mjs";
import { Plant } from "./fixtures/plant.mjs";

const many = (count) =>
  Object.fromEntries(Array.from({ length: count }, (_, i) => [`k${i}`, "v"]));

describe("more properties than a packet may have", () => {
  let plant, device;

  before(async () => {
    plant = await Plant.start({ routes: jsonRoutes() });
    device = await Client.open(plant.brokerUrl, { level: 5 });
    await device.subscribe("up/#", 1);
  });
  after(async () => {
    await device?.end();
    await plant?.stop();
  });

  const CASES = {
    "64 of the user and one more": { content_type: "a", user_properties: many(64) },
    "17000 octets of the user": { user_properties: { a: "x".repeat(17000) } },
    "17000 octets of correlation data": { correlation_data: "x".repeat(17000) },
  };
  for (const [name, properties] of Object.entries(CASES)) {
    for (const qos of [0, 1]) {
      test(`${name}, QoS ${qos}, do not end the session`, async () => {
        const page = await plant.page({ target: "/json5" });
        const id = page.start({
          type: "publish",
          topic: "up/p",
          payload: "x",
          qos,
          properties,
        });
        assert.equal((await page.answer(id)).error?.code, 149);
        await page.publish("up/p", "y", { qos });
        await page.leave();
      });
    }
  }
});
