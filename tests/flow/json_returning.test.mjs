// SPDX-License-Identifier: Apache-2.0
// What a page asked for while its broker was away is done once when that is
// back, or not at all when it was given up; and a page is read meanwhile.
import assert from "node:assert/strict";
import { afterEach, beforeEach, describe, test } from "node:test";

import { Client } from "./fixtures/client.mjs";
import { jsonRoutes } from "./fixtures/config.mjs";
import { VERSION_NAMES } from "./fixtures/packets.mjs";
import { VERSIONS } from "./fixtures/page.mjs";
import { Plant } from "./fixtures/plant.mjs";

const BACK = { deadline: 20000 }; // a reconnection waits for some seconds
const QUEUE_BYTES = 16384;
const REFUSED = { 5: 135, 4: 128 }; // what a SUBACK has for it
const UNREAD_MS = 300; // a page that is read has its pong long before

for (const version of VERSIONS) {
  describe(`a broker that was away, with ${VERSION_NAMES[version]}`, () => {
    const target = `/json${version}`;
    let plant, device;

    beforeEach(async () => {
      plant = await Plant.start({
        acls: [{ name: "page", rules: ["allow pub #", "allow sub open/#"] }],
        routes: jsonRoutes({
          acl: "page",
          limits: { queue_bytes: QUEUE_BYTES },
        }),
      });
      device = await Client.open(plant.brokerUrl, { level: 5 });
      await device.publish("open/old", "x", { qos: 1, retain: true });
    });
    afterEach(async () => {
      await device?.end();
      await plant?.stop();
    });

    async function lose(page) {
      plant.wire.refuse();
      plant.wire.cut();
      await page.frame("status");
    }

    async function goBack(page) {
      await plant.wire.accept();
      await page.status("up", BACK);
    }

    // All messages that the broker had for it; a SUBSCRIBE passes none before.
    async function messages(page) {
      await page.subscribe("open/fence", { qos: 1 });
      await device.publish("open/fence", "", { qos: 1 });
      await page.frame(({ topic }) => topic === "open/fence");
      const seen = await page.settle("message");
      return seen.map(({ topic }) => topic);
    }

    // A page that asks for a filter before the broker can answer CONNECT.
    async function early(topic) {
      plant.wire.stall();
      const page = await plant.newPage({ target });
      await plant.wire.until(() => plant.wire.connections === 1);
      const id = page.start({ type: "subscribe", topic });
      await page.settle();
      plant.wire.resume();
      return { page, id };
    }

    test("gives retained messages once for what was subscribed to before the first CONNACK", async () => {
      const { page, id } = await early("open/old");
      assert.equal((await page.answer(id)).success, true);
      assert.deepEqual(await messages(page), ["open/old"]);
    });

    test("gives them once for what was subscribed to while it was away", async () => {
      const page = await plant.page({ target });
      await lose(page);
      const id = page.start({ type: "subscribe", topic: "open/old" });
      await goBack(page);
      assert.equal((await page.answer(id, BACK)).success, true);
      assert.deepEqual(await messages(page), ["open/old"]);
    });

    test("gives them once for what is subscribed to again", async () => {
      const page = await plant.page({ target });
      await page.subscribe("open/old");
      assert.deepEqual(await messages(page), ["open/old"]);
      await lose(page);
      await goBack(page);
      // One that keeps its session has no need to be asked again.
      const again = version === 5 ? [] : ["open/old"];
      assert.deepEqual(await messages(page), again);
    });

    const isRefusedOnce = async (page, id) => {
      const { success, error } = await page.answer(id, BACK);
      assert.deepEqual([success, error.code], [false, REFUSED[version]]);
      assert.deepEqual(await messages(page), []);
      assert.deepEqual(await page.settle("ack"), []);
      assert.deepEqual(await page.settle("error"), []);
    };

    test("gives one answer to a filter refused before the first CONNACK", async () => {
      const { page, id } = await early("closed/a");
      await isRefusedOnce(page, id);
    });

    test("gives one answer to a filter refused that was asked for meanwhile", async () => {
      const page = await plant.page({ target });
      await lose(page);
      const id = page.start({ type: "subscribe", topic: "closed/a" });
      await goBack(page);
      await isRefusedOnce(page, id);
    });

    test("leaves a page that was held back read again", async () => {
      const page = await plant.page({ target });
      const payload = "x".repeat(1000);
      const publish = { type: "publish", topic: "t", payload, qos: 1 };
      plant.wire.stall();
      const ids = Array.from({ length: 40 }, () => page.start(publish));
      const ping = page.start({ type: "ping" });
      await assert.rejects(page.answer(ping, { deadline: UNREAD_MS }), {
        message: /not within/, // it is held back
      });
      plant.wire.refuse();
      plant.wire.cut();
      plant.wire.resume();
      await page.frame("status");
      assert.equal((await page.answer(ping)).type, "pong");
      const refused = await page.settle("ack");
      assert.ok(refused.length > 0 && refused.length < ids.length);
      for (const { error } of refused) {
        assert.deepEqual([error.code, error.temporary], [151, true]);
      }
    });

    if (version !== 5) return;

    const request = (more = {}) => ({
      type: "request",
      topic: "rpc/a",
      payload: "q",
      ...more,
    });

    async function isAnswered(page) {
      const id = page.start(request({ timeout_ms: 10000 }));
      const { responseTopic, correlationData } = (await device.message())
        .properties;
      await device.publish(responseTopic, "r", {
        qos: 1,
        properties: { correlationData },
      });
      const response = await page.answer(id, { deadline: 10000 });
      assert.equal(response.payload, "r", response.text);
    }

    test("and has forgotten everything lets requests be answered again", async () => {
      const page = await plant.page({ target });
      await device.subscribe("rpc/#", 1);
      await isAnswered(page);
      await device.end();
      await plant.broker.restart();
      await page.status("up", BACK);
      device = await Client.open(plant.brokerUrl, { level: 5 });
      await device.subscribe("rpc/#", 1);
      await isAnswered(page);
    });

    for (const qos of [0, 1]) {
      test(`does not get a request of QoS ${qos} that timed out meanwhile`, async () => {
        const page = await plant.page({ target });
        await device.subscribe("rpc/#", 1);
        await lose(page);
        await page.refused(request({ qos, timeout_ms: 100 }), 131, "timeout");
        const id = page.start({
          type: "publish",
          topic: "rpc/fence",
          payload: "",
          qos: 1,
        });
        await goBack(page);
        assert.equal((await page.answer(id, BACK)).success, true);
        assert.equal((await device.message()).topic, "rpc/fence");
        await isAnswered(page);
      });
    }
  });
}
