// SPDX-License-Identifier: Apache-2.0
// What a page subscribes to, how it is answered, and what comes of it.
import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";

import { Client } from "./fixtures/client.mjs";
import { jsonRoutes } from "./fixtures/config.mjs";
import { VERSION_NAMES } from "./fixtures/packets.mjs";
import { VERSIONS } from "./fixtures/page.mjs";
import { Plant } from "./fixtures/plant.mjs";

const MOST = 64; // limits.subscriptions, when nobody sets it
const NO_SUBSCRIPTION = 17; // [MQTT5 3.11.3]
const acls = [
  {
    name: "page",
    rules: [
      "allow sub open/#",
      "allow sub $share/g/work/#",
      "deny sub closed/secret/#",
    ],
  },
];

for (const version of VERSIONS) {
  describe(`with ${VERSION_NAMES[version]}`, () => {
    const target = `/json${version}`;
    const refusal =
      version === 5 ? [135, "not_authorized"] : [128, "unspecified_error"];
    let plant, ruled, device;

    before(async () => {
      plant = await Plant.start({ routes: jsonRoutes() });
      ruled = await Plant.start({ acls, routes: jsonRoutes({ acl: "page" }) });
      device = await Client.open(plant.brokerUrl);
    });
    after(async () => {
      await device?.end();
      await ruled?.stop();
      await plant?.stop();
    });

    const send = (topic, payload, options) =>
      device.publish(topic, payload, { qos: 1, ...options });

    async function payloads(page, count) {
      const seen = [];
      while (seen.length < count) seen.push((await page.message()).payload);
      return seen;
    }

    test("one filter is answered and its messages arrive", async () => {
      const page = await plant.page({ target });
      const ack = await page.subscribe("one/temp");
      assert.deepEqual(ack, {
        type: "ack",
        id: ack.id,
        success: true,
        reason_code: 0,
        topics: [{ topic: "one/temp", reason_code: 0 }],
      });
      await send("one/temp", "21.5");
      const { topic, payload, qos } = await page.message();
      assert.deepEqual([topic, payload, qos], ["one/temp", "21.5", 0]);
      await page.leave();
    });

    for (const qos of [0, 1, 2]) {
      test(`QoS ${qos} is granted and is that of the messages`, async () => {
        const page = await plant.page({ target });
        const ack = await page.subscribe(`of/${qos}`, { qos });
        assert.equal(ack.reason_code, qos);
        await send(`of/${qos}`, "x", { qos: 2 });
        assert.equal((await page.message()).qos, qos);
        await page.leave();
      });
    }

    test("several filters are answered in their order", async () => {
      const page = await plant.page({ target });
      const topics = ["s/a", { topic: "s/b", qos: 2 }, { topic: "s/c/#" }];
      const ack = await page.do({ type: "subscribe", topics, qos: 1 });
      assert.equal(ack.reason_code, 1);
      assert.deepEqual(ack.topics, [
        { topic: "s/a", reason_code: 1 },
        { topic: "s/b", reason_code: 2 },
        { topic: "s/c/#", reason_code: 1 },
      ]);
      for (const topic of ["s/a", "s/b", "s/c/d/e"]) await send(topic, topic);
      const seen = await payloads(page, 3);
      assert.deepEqual(seen.sort(), ["s/a", "s/b", "s/c/d/e"]);
      await page.leave();
    });

    test("wildcards match as they do in MQTT", async () => {
      const page = await plant.page({ target });
      await page.subscribe("w/+/temp");
      for (const topic of ["w/temp", "w/a/b/temp", "w/a/temp"]) {
        await send(topic, topic);
      }
      assert.deepEqual(await payloads(page, 1), ["w/a/temp"]);
      assert.deepEqual(await page.settle("message"), []);
      await page.leave();
    });

    test("what was kept comes first, marked as such", async () => {
      const topic = `kept/${version}`;
      await send(topic, "state", { retain: true });
      const page = await plant.page({ target });
      await page.subscribe("kept/#");
      const kept = await page.frame((one) => one.topic === topic);
      assert.deepEqual([kept.payload, kept.retain], ["state", true]);
      await send(topic, "new", { retain: true });
      const live = await page.frame((one) => one.topic === topic);
      assert.deepEqual([live.payload, live.retain], ["new", false]);
      await page.leave();
    });

    test("a filter subscribed to twice counts and delivers once", async () => {
      const page = await plant.page({ target });
      await page.subscribe("twice", { qos: 0 });
      const again = await page.subscribe("twice", { qos: 1 });
      assert.equal(again.reason_code, 1);
      await send("twice", "x");
      const message = await page.message();
      assert.deepEqual([message.payload, message.qos], ["x", 1]);
      assert.deepEqual(await page.settle("message"), []);
      await page.leave();
    });

    test("what is unsubscribed does not arrive any more", async () => {
      const page = await plant.page({ target });
      await page.do({ type: "subscribe", topics: ["u/a", "u/b", "u/c"] });
      const one = await page.do({ type: "unsubscribe", topic: "u/a" });
      assert.deepEqual(one.topics, [{ topic: "u/a", reason_code: 0 }]);
      assert.equal(one.reason_code, 0);
      const topics = [{ topic: "u/b" }];
      await page.do({ type: "unsubscribe", topics });
      for (const topic of ["u/a", "u/b", "u/c"]) await send(topic, topic);
      assert.deepEqual(await payloads(page, 1), ["u/c"]);
      assert.deepEqual(await page.settle("message"), []);
      await page.leave();
    });

    test("what was never subscribed to is unsubscribed all the same", async () => {
      const page = await plant.page({ target });
      const ack = await page.do({ type: "unsubscribe", topic: "never" });
      assert.equal(ack.reason_code, version === 5 ? NO_SUBSCRIPTION : 0);
      await page.leave();
    });

    test(`the one after ${MOST} subscriptions is refused with 151`, async () => {
      const page = await plant.page({ target });
      const topics = Array.from({ length: MOST }, (_, i) => `many/${i}`);
      await page.do({ type: "subscribe", topics });
      const more = { type: "subscribe", topic: "many/more" };
      const error = await page.refused(more, 151, "quota_exceeded");
      assert.equal(error.temporary, false);
      await page.subscribe("many/0", { qos: 1 });
      await page.do({ type: "unsubscribe", topic: "many/1" });
      await page.subscribe("many/more");
      await send("many/more", "x");
      assert.deepEqual(await payloads(page, 1), ["x"]);
      await page.leave();
    });

    test("a filter that the ACL does not let pass is refused", async () => {
      const page = await ruled.page({ target });
      for (const topic of ["closed", "#", "closed/secret/1", "+/a"]) {
        const ack = await page.ask({ type: "subscribe", topic });
        const [code, name] = refusal;
        assert.equal(ack.success, false, ack.text);
        assert.deepEqual([ack.error.code, ack.error.name], [code, name]);
        assert.equal(ack.error.temporary, false);
        assert.deepEqual(ack.topics, [{ topic, reason_code: code }]);
      }
      await page.subscribe("open/#");
      await page.leave();
    });

    test("one that may and one that may not are told apart", async () => {
      const page = await ruled.page({ target });
      const topics = ["open/a", "closed", "open/b"];
      const ack = await page.ask({ type: "subscribe", topics, qos: 1 });
      assert.equal(ack.success, false);
      assert.equal(ack.error.code, refusal[0]);
      assert.equal(ack.reason_code, 1);
      assert.deepEqual(
        ack.topics.map((one) => one.reason_code),
        [1, refusal[0], 1],
      );
      await page.leave();
    });

    test("a shared subscription needs the rule for its group", async () => {
      const page = await ruled.page({ target });
      const ask = (topic) => page.ask({ type: "subscribe", topic });
      for (const topic of ["$share/h/work/1", "$share/g/open/1", "work/1"]) {
        assert.equal((await ask(topic)).error?.code, refusal[0], topic);
      }
      assert.equal((await ask("$share/g/work/#")).success, true);
      const far = await Client.open(ruled.brokerUrl);
      await far.publish("work/1", "job", { qos: 1 });
      assert.deepEqual(await payloads(page, 1), ["job"]);
      await far.end();
      await page.leave();
    });

    const WRONG = {
      "no filter": [{}, 130],
      "a filter and a list": [{ topic: "a", topics: ["b"] }, 130],
      "an empty list": [{ topics: [] }, 130],
      "a list of 65": [{ topics: Array(65).fill("a") }, 130],
      "a list of numbers": [{ topics: [1] }, 130],
      "a list without a filter": [{ topics: [{ qos: 1 }] }, 130],
      "a list that is none": [{ topics: "a" }, 130],
      "a number": [{ topic: 5 }, 130],
      "an empty filter": [{ topic: "" }, 143],
      "a# for a level": [{ topic: "a#" }, 143],
      "# before the end": [{ topic: "a/#/b" }, 143],
      "no group": [{ topic: "$share//a" }, 143],
      "a NUL in it": [{ topic: "a\0b" }, 143],
      "a line feed in it": [{ topic: "a\nb" }, 143],
      "a QoS of 3": [{ topic: "a", qos: 3 }, 155],
      "a QoS of 1.5": [{ topic: "a", qos: 1.5 }, 130],
      "an unknown form": [{ topic: "a", as: "xml" }, 130],
      "a rate of 0": [{ topic: "a", max_rate: 0 }, 130],
      "a rate over a million": [{ topic: "a", max_rate: 1000001 }, 130],
      "a rate that is a string": [{ topic: "a", max_rate: "5" }, 130],
    };

    test("what is wrong is answered, and the session goes on", async () => {
      const page = await plant.page({ target });
      for (const [name, [request, code]] of Object.entries(WRONG)) {
        const ack = await page.ask({ type: "subscribe", ...request });
        assert.equal(ack.success, false, name);
        assert.equal(ack.error?.code, code, `${name}: ${ack.text}`);
      }
      const both = { type: "unsubscribe", topic: "a", topics: ["b"] };
      await page.refused(both, 130, "protocol_error");
      const bad = { type: "unsubscribe", topic: "a/#/b" };
      await page.refused(bad, 143, "topic_filter_invalid");
      await page.subscribe("a");
      await page.leave();
    });
  });
}
