// SPDX-License-Identifier: Apache-2.0
// max_rate of a subscription: so many messages a second, the newest of them,
// and the others counted.
// Runs alone: it measures time.
import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";

import { Client } from "./fixtures/client.mjs";
import { jsonRoutes } from "./fixtures/config.mjs";
import { VERSION_NAMES } from "./fixtures/packets.mjs";
import { VERSIONS } from "./fixtures/page.mjs";
import { Plant } from "./fixtures/plant.mjs";
import { throughout } from "./fixtures/processor.mjs";
import { until } from "./fixtures/wait.mjs";

const COUNT = 300;

for (const version of VERSIONS) {
  describe(`with ${VERSION_NAMES[version]}`, () => {
    const target = `/json${version}`;
    let plant, device;

    before(async () => {
      plant = await Plant.start({ routes: jsonRoutes() });
      device = await Client.open(plant.brokerUrl);
    });
    after(async () => {
      await device?.end();
      await plant?.stop();
    });

    // A page that subscribed, with what it has got so far.
    async function listener(topic, more) {
      const page = await plant.page({ target });
      const got = { messages: [], dropped: [] };
      page.divert("message", (one) => got.messages.push(one));
      page.divert("dropped", (one) => got.dropped.push(one));
      await page.subscribe(topic, more);
      return { page, ...got };
    }

    const sum = (dropped) => dropped.reduce((all, one) => all + one.count, 0);

    test("the newest arrives, the others are counted", async () => {
      const { page, messages, dropped } = await listener("rate/a", {
        max_rate: 5,
      });
      const start = performance.now();
      let sent = 0;
      await throughout(
        2000,
        () => device.publish("rate/a", `${sent++}`, { qos: 1 }),
        { every: 10 },
      );
      const newest = `${sent - 1}`;
      const isThere = () => messages.at(-1)?.payload === newest;
      await until(isThere, { deadline: 1000, what: "the newest" });
      const seconds = (performance.now() - start) / 1000;
      const isCounted = () => messages.length + sum(dropped) >= sent;
      await until(isCounted, { what: "all are accounted for" });
      assert.equal(messages.length + sum(dropped), sent);
      const most = 5 * seconds + 2;
      assert.ok(messages.length <= most, `${messages.length} of ${most}`);
      assert.ok(messages.length >= 5, `${messages.length} in ${seconds} s`);
      for (const { topic, reason } of dropped) {
        assert.deepEqual([topic, reason], ["rate/a", "rate"]);
      }
      const numbers = messages.map(({ payload }) => Number(payload));
      assert.deepEqual(
        numbers,
        [...numbers].sort((a, b) => a - b),
      );
      await page.leave();
    });

    test("each topic of a filter has its own newest", async () => {
      const topics = ["each/a", "each/b", "each/c"];
      const { page, messages, dropped } = await listener("each/+", {
        max_rate: 10,
      });
      for (let i = 0; i < COUNT; i++) {
        await device.publish(topics[i % 3], `${i}`);
      }
      const last = (topic) =>
        messages.findLast((one) => one.topic === topic)?.payload;
      const all = () =>
        topics.every((topic, i) => last(topic) === `${COUNT - 3 + i}`);
      await until(all, { what: "the newest of each" });
      const isCounted = () => messages.length + sum(dropped) >= COUNT;
      await until(isCounted, { what: "all are accounted for" });
      assert.equal(messages.length + sum(dropped), COUNT);
      await page.leave();
    });

    test("may be less than one a second", async () => {
      const { page, messages } = await listener("half", { max_rate: 0.5 });
      const start = performance.now();
      for (const text of ["first", "second", "third"]) {
        await device.publish("half", text, { qos: 1 });
      }
      await until(() => messages.length === 2, { what: "two of three" });
      const took = performance.now() - start;
      assert.deepEqual(
        messages.map(({ payload }) => payload),
        ["first", "third"],
      );
      assert.ok(took > 1500 && took < 4000, `${took} ms`);
      await page.leave();
    });

    test("does not hold up what comes slowly, nor other filters", async () => {
      const { page, messages, dropped } = await listener("slow", {
        max_rate: 1000,
      });
      await page.subscribe("free");
      for (let i = 0; i < 20; i++) {
        await device.publish("slow", `${i}`, { qos: 1 });
        await until(() => messages.length === i + 1, { what: `message ${i}` });
      }
      messages.length = 0;
      for (let i = 0; i < COUNT; i++) await device.publish("free", `${i}`);
      await until(() => messages.length === COUNT, { what: "all of them" });
      assert.deepEqual(dropped, []);
      await page.leave();
    });
  });
}
