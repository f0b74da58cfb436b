// SPDX-License-Identifier: Apache-2.0
// How many requests of a page may wait for their response at once.
import assert from "node:assert/strict";
import { test } from "node:test";

import { Client } from "./fixtures/client.mjs";
import { jsonRoutes } from "./fixtures/config.mjs";
import { Plant } from "./fixtures/plant.mjs";

const MOST = 256;

test("the 257th request without a response is refused for a while", async () => {
  const plant = await Plant.start({ routes: jsonRoutes() });
  try {
    const device = await Client.open(plant.brokerUrl, { level: 5 });
    await device.subscribe("rpc/#", 1);
    const page = await plant.page({ target: "/json5" });
    const other = await plant.page({ target: "/json5" });
    const request = (topic) => ({
      type: "request",
      topic,
      payload: "x",
      timeout_ms: 60000,
    });
    async function answer() {
      const { responseTopic, correlationData } = (await device.message())
        .properties;
      await device.publish(responseTopic, "y", {
        qos: 1,
        properties: { correlationData },
      });
    }

    const first = page.start(request("rpc/a"));
    for (let i = 1; i < MOST; i++) page.start(request("nobody"));
    for (let i = 0; i < 2; i++) {
      const wrong = request("rpc/refused");
      const error = await page.refused(wrong, 151, "quota_exceeded");
      assert.equal(error.temporary, true);
    }
    await answer();
    assert.equal((await page.answer(first)).payload, "y");

    const next = page.start(request("rpc/b"));
    await answer();
    assert.equal((await page.answer(next)).payload, "y");
    const mine = other.start(request("rpc/c"));
    await answer();
    assert.equal((await other.answer(mine)).payload, "y");
    await device.end();
  } finally {
    await plant.stop();
  }
});
