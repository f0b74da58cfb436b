// SPDX-License-Identifier: Apache-2.0
// F03: the broker goes away under a json session, which stays, says so, keeps
// what it was given and goes on when the broker is back.
import assert from "node:assert/strict";
import { afterEach, beforeEach, describe, test } from "node:test";

import { Client } from "./fixtures/client.mjs";
import { jsonRoutes } from "./fixtures/config.mjs";
import { VERSION_NAMES } from "./fixtures/packets.mjs";
import { VERSIONS } from "./fixtures/page.mjs";
import { Plant } from "./fixtures/plant.mjs";
import { until } from "./fixtures/wait.mjs";

const BACK = { deadline: 20000 }; // a reconnection waits for some seconds
const QUEUE_BYTES = 16384;

describe("a broker that goes away", { concurrency: true }, () => {
  for (const version of VERSIONS) {
    describe(`under ${VERSION_NAMES[version]}`, { concurrency: 1 }, () => {
      const target = `/json${version}`;
      let plant, page, device;

      async function start({ persistence = false, ...route } = {}) {
        const limits = { queue_bytes: QUEUE_BYTES };
        plant = await Plant.start({
          broker: { persistence },
          routes: jsonRoutes({ limits, ...route }),
        });
        page = await plant.page({ target });
      }
      beforeEach(() => (device = null));
      afterEach(async () => {
        await device?.end();
        await plant?.stop();
      });

      // The wire is cut, and nobody gets through until goBack().
      async function lose() {
        plant.wire.refuse();
        plant.wire.cut();
        const told = await page.frame("status");
        assert.ok(["reconnecting", "down"].includes(told.upstream), told.text);
        return told;
      }

      async function goBack() {
        device ??= await Client.open(plant.brokerUrl);
        await device.subscribe("up/#", 2);
        await plant.wire.accept();
        return page.status("up", BACK);
      }

      const asks = (i, more = {}) =>
        page.start({
          type: "publish",
          topic: "up/away",
          payload: `${i}`,
          ...more,
        });

      test("a page is told of the loss, of the wait and of the return", async () => {
        await start();
        const { client_id } = await page.connected();
        const told = await lose();
        assert.equal(told.queued, 0);
        const down = await page.status("down", BACK);
        const { retry_in_ms } = down;
        assert.ok(retry_in_ms >= 0 && retry_in_ms <= 30000, down.text);
        const up = await goBack();
        assert.equal(up.queued ?? 0, 0);
        await page.publish("up/again", "x", { qos: 1 });
        assert.equal((await device.message()).topic, "up/again");
        assert.deepEqual(
          (await page.settle()).filter(({ type }) => type === "connected"),
          [],
        );
        const same = new RegExp(`New client connected .* as ${client_id} `);
        const times = plant.broker.lines.filter((line) => same.test(line));
        assert.equal(times.length, 2);
        await page.leave();
      });

      for (const qos of [0, 1, 2]) {
        test(`QoS ${qos}: what is published meanwhile is acknowledged afterwards`, async () => {
          await start();
          await lose();
          const ids = Array.from({ length: 20 }, (_, i) => asks(i, { qos }));
          page.send({ type: "publish", topic: "up/mute", payload: "x", qos });
          assert.deepEqual(await page.settle("ack"), []);
          await goBack();
          for (const id of ids) {
            assert.equal((await page.answer(id, BACK)).success, true);
          }
          const seen = await device.take(ids.length + 1);
          const payloads = seen
            .filter(({ topic }) => topic === "up/away")
            .map(({ payload }) => Number(payload));
          assert.deepEqual(payloads, [...ids.keys()]);
          await page.leave();
        });
      }

      test("a full queue answers 151, and what it took arrives", async () => {
        await start();
        await lose();
        const payload = "q".repeat(1000);
        const count = 50;
        const ids = [];
        for (let i = 0; i < count; i++) ids.push(asks(i, { qos: 1, payload }));
        const refused = await page.settle("ack");
        assert.ok(refused.length >= count - QUEUE_BYTES / payload.length);
        assert.ok(refused.length < count, "some are taken");
        for (const { error, success, text } of refused) {
          assert.equal(success, false);
          assert.deepEqual([error.code, error.name], [151, "quota_exceeded"]);
          assert.equal(error.temporary, true, text);
        }
        const answered = new Set(refused.map(({ id }) => id));
        await goBack();
        const taken = ids.filter((id) => !answered.has(id));
        for (const id of taken) {
          assert.equal((await page.answer(id, BACK)).success, true);
        }
        await device.take(taken.length);
        await page.publish("up/next", "x", { qos: 1 });
        assert.equal((await device.message()).topic, "up/next");
        await page.leave();
      });

      test("status tells how many wait", async () => {
        await start();
        await lose();
        for (let i = 0; i < 5; i++) asks(i, { qos: 1 });
        const waits = (one) => one.type === "status" && one.queued === 5;
        await page.frame(waits, { ...BACK, what: "queued 5" });
        await goBack();
        await page.leave();
      });

      test("subscriptions made meanwhile are answered afterwards", async () => {
        await start();
        await page.subscribe("down/old");
        await lose();
        const made = page.start({ type: "subscribe", topic: "down/new", qos: 1 });
        const left = page.start({ type: "unsubscribe", topic: "down/old" });
        assert.deepEqual(await page.settle("ack"), []);
        await goBack();
        assert.equal((await page.answer(made, BACK)).reason_code, 1);
        assert.equal((await page.answer(left, BACK)).success, true);
        await device.publish("down/old", "no", { qos: 1 });
        await device.publish("down/new", "yes", { qos: 1 });
        assert.equal((await page.message()).payload, "yes");
        await page.leave();
      });

      for (const persistence of [false, true]) {
        const how = persistence ? "remembers all" : "remembers nothing";

        test(`a broker that is restarted and ${how} has the subscriptions again`, async () => {
          await start({ persistence });
          const topics = [{ topic: "down/0" }, { topic: "down/1", qos: 1 }];
          await page.do({ type: "subscribe", topics });
          await page.subscribe("down/json", { as: "json", qos: 1 });
          await page.subscribe("down/left");
          await page.do({ type: "unsubscribe", topic: "down/left" });
          await plant.broker.restart();
          await page.status("up", BACK);
          device = await Client.open(plant.brokerUrl);
          // They are made again after `up`.
          for (const topic of ["down/0", "down/1", "down/json"]) {
            const arrives = async () => {
              await device.publish(topic, "[1]", { qos: 1 });
              const seen = await page.settle("message");
              return seen.find((one) => one.topic === topic);
            };
            const message = await until(arrives, { ...BACK, what: topic });
            assert.equal(message.qos, topic === "down/0" ? 0 : 1);
            const payload = topic === "down/json" ? [1] : "[1]";
            assert.deepEqual(message.payload, payload);
          }
          await device.publish("down/left", "no", { qos: 1 });
          await device.publish("down/1", "fence", { qos: 1 });
          await page.frame((one) => one.payload === "fence");
          const seen = await page.settle("message");
          assert.ok(!seen.some((one) => one.topic === "down/left"));
          await page.leave();
        });
      }

      test("a broker that is killed and away for a while loses no session", async () => {
        await start();
        await page.subscribe("down/a", { qos: 1 });
        await plant.broker.down({ signal: "SIGKILL" });
        await page.status("down", BACK);
        const id = asks(1, { qos: 1 });
        await plant.broker.up();
        assert.equal((await page.answer(id, BACK)).success, true);
        assert.equal(page.ended, false);
        await plant.unaffected();
        await page.leave();
      });

      test("a page may leave while the broker is away", async () => {
        await start();
        const { session } = await page.connected();
        await lose();
        asks(1, { qos: 1 });
        await page.leave();
        assert.equal((await page.expectClose()).code, 1000);
        await plant.gateway.line(new RegExp(`^session ${session} closed `));
        await plant.wire.accept();
      });

      if (version !== 5) return;

      test("messages of QoS 1 sent meanwhile arrive afterwards", async () => {
        await start();
        await page.subscribe("down/a", { qos: 1 });
        await lose();
        device = await Client.open(plant.brokerUrl);
        for (let i = 0; i < 10; i++) {
          await device.publish("down/a", `${i}`, { qos: 1 });
        }
        await goBack();
        for (let i = 0; i < 10; i++) {
          assert.equal((await page.message(BACK)).payload, `${i}`);
        }
        await page.leave();
      });
    });
  }
});
