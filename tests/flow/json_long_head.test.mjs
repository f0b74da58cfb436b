// SPDX-License-Identifier: Apache-2.0
// A message whose properties are longer than the gateway lets a browser send
// is one that the broker has accepted: it arrives, since it would come again.
import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";

import { channelRoute, LOBBY } from "./fixtures/channel_route.mjs";
import { Channel } from "./fixtures/channel.mjs";
import { Client } from "./fixtures/client.mjs";
import { jsonRoutes } from "./fixtures/config.mjs";
import { Plant } from "./fixtures/plant.mjs";
import { until } from "./fixtures/wait.mjs";

// 100 KiB in all.
const VALUE = "v".repeat(2048);
const userProperties = Object.fromEntries(
  Array.from({ length: 50 }, (_, i) => [`k${i}`, VALUE]),
);

describe("a message with 100 KiB of user properties", () => {
  let plant, device;

  before(async () => {
    plant = await Plant.start({ routes: [...jsonRoutes(), channelRoute()] });
    device = await Client.open(plant.brokerUrl, { level: 5 });
  });
  after(async () => {
    await device?.end();
    await plant?.stop();
  });

  for (const qos of [0, 1, 2]) {
    test(`and QoS ${qos} reaches a page, which stays`, async () => {
      const page = await plant.page({ target: "/json5" });
      await page.subscribe("big/#", { qos });
      const { connections } = plant.wire;
      const properties = { userProperties };
      await device.publish("big/a", "x", { qos, properties });
      await device.publish("big/b", "after", { qos });
      const message = await page.message();
      assert.deepEqual([message.topic, message.payload], ["big/a", "x"]);
      const user = message.properties.user_properties;
      assert.deepEqual(user, userProperties);
      assert.equal((await page.message()).payload, "after");
      await page.publish("t", "x", { qos: 1 });
      assert.deepEqual(await page.settle(), []);
      assert.equal(plant.wire.connections, connections);
      await page.leave();
    });

    test(`and QoS ${qos} reaches a channel, which stays`, async () => {
      const isJoined = (line) => line.endsWith(` 1 ${LOBBY}`);
      const joined = () => plant.broker.lines.filter(isJoined).length;
      const before = joined();
      const channel = await Channel.open({ port: plant.port });
      await until(() => joined() > before, { what: "it has subscribed" });
      const { connections } = plant.wire;
      const properties = { userProperties };
      await device.publish(LOBBY, "x", { qos, properties });
      await device.publish(LOBBY, "after", { qos });
      assert.equal(await channel.text(), "x");
      assert.equal(await channel.text(), "after");
      await channel.isAlive();
      assert.equal(plant.wire.connections, connections);
      channel.destroy();
    });
  }
});
