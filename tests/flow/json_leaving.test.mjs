// SPDX-License-Identifier: Apache-2.0
// A page that closes with something under way: what it has published arrives,
// and its worker goes on with the others.
import assert from "node:assert/strict";
import { afterEach, beforeEach, describe, test } from "node:test";

import { Client } from "./fixtures/client.mjs";
import { jsonRoutes } from "./fixtures/config.mjs";
import { VERSION_NAMES } from "./fixtures/packets.mjs";
import { VERSIONS } from "./fixtures/page.mjs";
import { Plant } from "./fixtures/plant.mjs";
import { throughout } from "./fixtures/processor.mjs";

const COUNTS = [10, 50, 200];
const PAST_DUE_MS = 1500; // of a max_rate of 1
const ENDS_MS = 10000;

for (const version of VERSIONS) {
  describe(`a page that closes, with ${VERSION_NAMES[version]}`, () => {
    const target = `/json${version}`;
    let plant, page, device;

    beforeEach(async () => {
      plant = await Plant.start({ routes: jsonRoutes() });
      device = await Client.open(plant.brokerUrl);
      page = await plant.page({ target });
    });
    afterEach(async () => {
      await device?.end();
      await plant?.stop();
    });

    const publish = (count) => {
      for (let i = 0; i < count; i++) {
        page.send({ type: "publish", topic: "up/a", payload: `${i}` });
      }
    };

    async function allArrive(count) {
      const seen = await device.take(count);
      const numbers = seen.map(({ payload }) => Number(payload));
      assert.deepEqual(numbers, [...Array(count).keys()]);
    }

    for (const count of COUNTS) {
      test(`at once after ${count} publishes of QoS 0 loses none`, async () => {
        await device.subscribe("up/#");
        publish(count);
        await page.leave();
        await allArrive(count);
      });

      test(`at a drain after ${count} publishes of QoS 0 loses none`, async () => {
        await device.subscribe("up/#");
        publish(count);
        assert.deepEqual(await page.settle(), []); // all are read
        plant.gateway.signal("SIGTERM");
        const { code, reason } = await page.expectClose({ deadline: ENDS_MS });
        assert.deepEqual([code, reason], [1001, "drain"]);
        await allArrive(count);
      });
    }

    test("with a held message and an answer under way does not hang the worker", async () => {
      const other = await plant.page({ target });
      const { session } = await page.connected();
      await page.subscribe("fast", { max_rate: 1, qos: 1 });
      await page.subscribe("fence", { qos: 1 });
      for (let i = 0; i < 3; i++) {
        await device.publish("fast", `${i}`, { qos: 1 });
      }
      await device.publish("fence", "", { qos: 1 });
      await page.frame(({ topic }) => topic === "fence");
      plant.wire.stall();
      page.start({ type: "publish", topic: "x", payload: "1", qos: 1 });
      await page.settle("ack"); // it is read
      page.destroy();
      await throughout(PAST_DUE_MS, () => other.settle());
      plant.wire.resume();
      const closed = new RegExp(`^session ${session} closed `);
      await plant.gateway.line(closed, { deadline: ENDS_MS });
      await other.publish("x", "2", { qos: 1 });
      assert.deepEqual(await plant.gateway.workers(), plant.workers);
    });
  });
}
