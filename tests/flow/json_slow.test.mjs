// SPDX-License-Identifier: Apache-2.0
// F09: a page that does not read. QoS 0 is dropped and counted, the newest of
// each topic kept; QoS 1 and 2 wait at the broker; nothing grows.
// Runs alone: it measures memory.
import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";

import { Client } from "./fixtures/client.mjs";
import { jsonRoute, jsonRoutes } from "./fixtures/config.mjs";
import { VERSION_NAMES } from "./fixtures/packets.mjs";
import { VERSIONS } from "./fixtures/page.mjs";
import { Plant } from "./fixtures/plant.mjs";
import { still, until } from "./fixtures/wait.mjs";

const COUNT = 8000; // of a KiB: far more than queue and kernel hold
const TOPICS = 4;
const GROWTH_MOST = 2 * 1024 * 1024;
const STALL_S = 1;
const padding = "s".repeat(1000);
const numberOf = ({ payload }) => Number(payload.split(" ")[0]);

describe("a page that does not read", () => {
  let plant, device;

  before(async () => {
    plant = await Plant.start({
      release: true,
      routes: [...jsonRoutes(), jsonRoute({ stall_s: STALL_S })],
    });
    device = await Client.open(plant.brokerUrl);
    await plant.unaffected();
  });
  after(async () => {
    await device?.end();
    await plant?.stop();
  });

  const topicOf = (name, i) => `${name}/${i % TOPICS}`;

  async function flood(name, qos) {
    for (let i = 0; i < COUNT; i++) {
      const sent = device.publish(topicOf(name, i), `${i} ${padding}`, { qos });
      if (i % 100 === 99) await sent;
      if (qos === 1) sent.catch(() => {}); // its answer is waited for below
    }
    await device.publish("flood/over", "x", { qos: 1 });
  }

  // Of a page that is not read: all that it gets afterwards.
  async function sleepThrough(target, name, qos) {
    const page = await plant.page({ target });
    const seen = { messages: [], dropped: [] };
    page.divert("message", (one) => seen.messages.push(one));
    page.divert("dropped", (one) => seen.dropped.push(one));
    await page.subscribe(`${name}/#`, { qos });
    const before = await plant.gateway.memory();
    page.pause();
    await flood(name, qos);
    await still(() => plant.wire.bytesDown);
    await plant.unaffected();
    const grown = (await plant.gateway.memory()) - before;
    assert.ok(grown < GROWTH_MOST, `${grown} octets more memory`);
    page.resume();
    return { page, ...seen };
  }

  const sum = (dropped) => dropped.reduce((all, one) => all + one.count, 0);

  for (const version of VERSIONS) {
    const target = `/json${version}`;

    test(`${VERSION_NAMES[version]}: loses messages of QoS 0, all counted, and gets the newest`, async (t) => {
      const name = `fast${version}`;
      const { page, messages, dropped } = await sleepThrough(target, name, 0);
      const all = () => messages.length + sum(dropped) >= COUNT;
      await until(all, { deadline: 10000, what: "all are accounted for" });
      await page.settle();
      t.diagnostic(`${messages.length} arrived, ${sum(dropped)} were dropped`);
      assert.equal(messages.length + sum(dropped), COUNT);
      assert.ok(sum(dropped) > COUNT / 2, "most are dropped");
      for (const { topic, count, reason, text } of dropped) {
        assert.equal(reason, "slow_consumer", text);
        assert.ok(count > 0, text);
        assert.match(topic, new RegExp(`^${name}/[0-3]$`), text);
      }
      for (let i = 0; i < TOPICS; i++) {
        const topic = topicOf(name, i);
        const numbers = messages
          .filter((one) => one.topic === topic)
          .map(numberOf);
        const sorted = [...numbers].sort((a, b) => a - b);
        assert.deepEqual(numbers, sorted, "in their order");
        assert.equal(numbers.at(-1), COUNT - TOPICS + i, "the newest");
        const lost = dropped.filter((one) => one.topic === topic);
        assert.equal(numbers.length + sum(lost), COUNT / TOPICS);
      }
      await page.leave();
    });

    test(`${VERSION_NAMES[version]}: loses no message of QoS 1`, async () => {
      const name = `sure${version}`;
      const { page, messages, dropped } = await sleepThrough(target, name, 1);
      const all = () => messages.length >= COUNT;
      await until(all, { deadline: 20000, what: "all of them" }).catch(
        () => {},
      );
      const numbers = new Set(messages.map(numberOf));
      assert.equal(numbers.size, COUNT);
      assert.equal(messages.length, COUNT, "none twice");
      assert.deepEqual(dropped, []);
      await page.leave();
    });
  }

  test("costs another page nothing", async () => {
    const slow = await plant.page({ target: "/json5" });
    const other = await plant.page({ target: "/json5" });
    await slow.subscribe("load/#");
    await other.subscribe("beat", { qos: 1 });
    slow.pause();
    await flood("load", 0);
    for (let i = 0; i < 50; i++) {
      await device.publish("beat", `${i}`, { qos: 1 });
      const { payload } = await other.message({ deadline: 1000 });
      assert.equal(payload, `${i}`);
    }
    slow.destroy();
    await other.leave();
  });

  for (const qos of [0, 1]) {
    test(`QoS ${qos}: is closed after stall_s, as slow_reader`, async () => {
      const page = await plant.page();
      const { session, client_id } = await page.connected();
      const link = plant.wire.linkOf(client_id);
      await page.subscribe("stall/#", { qos });
      page.pause();
      const start = performance.now();
      await flood("stall", qos);
      await plant.gateway.line(
        new RegExp(`^session ${session} closed reason=slow_reader `),
        { deadline: 15000 },
      );
      assert.ok(performance.now() - start >= STALL_S * 1000, "not too early");
      await plant.wire.untilClosed({ link });
      page.resume();
      const { code, reason } = await page.expectClose();
      // No close frame gets through to one that never took the rest.
      assert.ok(
        (code === 1008 && reason === "slow_reader") || code === 1006,
        `${code} ${reason}`,
      );
    });
  }

  test("but now and then is left alone", async () => {
    const page = await plant.page();
    let got = 0;
    page.divert("message", (one) => (got = numberOf(one)));
    page.divert("dropped", () => {});
    await page.subscribe("slowly/#");
    page.pause();
    let isOver = false;
    const flooding = flood("slowly", 0).then(() => (isOver = true));
    const blink = async () => {
      page.resume();
      await page.settle().catch(() => {});
      page.pause();
      return isOver;
    };
    await until(blink, { deadline: 20000, what: "the end of the flood" });
    await flooding;
    page.resume();
    await until(() => got === COUNT - 1, { what: "the newest" });
    assert.equal(page.ended, false);
    await page.leave();
  });
});
