// SPDX-License-Identifier: Apache-2.0
// Request and response: a page asks a device that speaks MQTT 5, and the
// gateway owns the response topic and the correlation.
import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";

import { Client } from "./fixtures/client.mjs";
import { jsonRoute, jsonRoutes } from "./fixtures/config.mjs";
import { Plant } from "./fixtures/plant.mjs";

describe("a request", () => {
  const target = "/json5";
  let plant, page, device;

  before(async () => {
    plant = await Plant.start({
      acls: [{ name: "page", rules: ["allow pub open/#", "allow sub open/#"] }],
      routes: [...jsonRoutes(), jsonRoute({ acl: "page" })],
    });
    page = await plant.page({ target });
    device = await Client.open(plant.brokerUrl, { level: 5 });
    await device.subscribe("rpc/#", 1);
  });
  after(async () => {
    await page?.leave();
    await device?.end();
    await plant?.stop();
  });

  const request = (topic, payload, more = {}) => ({
    type: "request",
    topic,
    payload,
    ...more,
  });

  // The next request that the device gets, with what it needs to answer.
  async function asked() {
    const { topic, payload, qos, properties } = await device.message();
    const { responseTopic, correlationData } = properties;
    assert.ok(responseTopic, "a response topic");
    assert.ok(correlationData?.length > 0, "correlation data");
    const answer = (text, options = {}) =>
      device.publish(responseTopic, text, {
        qos: 1,
        properties: { correlationData },
        ...options,
      });
    return { topic, payload, qos, responseTopic, correlationData, answer };
  }

  test("is answered by the device that got it", async () => {
    const id = page.start(request("rpc/a", { get: 1.0 }));
    const { topic, payload, qos, answer } = await asked();
    assert.deepEqual([topic, `${payload}`, qos], ["rpc/a", '{"get":1}', 0]);
    await answer("21.5");
    const response = await page.answer(id);
    assert.equal(response.type, "response", response.text);
    assert.equal(response.payload, "21.5");
    assert.deepEqual(await page.settle(), []);
  });

  test("of QoS 1 goes out with that", async () => {
    const id = page.start(request("rpc/a", "x", { qos: 1 }));
    const { qos, answer } = await asked();
    assert.equal(qos, 1);
    await answer("y");
    assert.equal((await page.answer(id)).payload, "y");
  });

  test("keeps its id, whatever it looks like", async () => {
    for (const id of ['"seven"', "7.50", '"7"']) {
      page.send(`{"type":"request","id":${id},"topic":"rpc/a","payload":""}`);
      const { answer } = await asked();
      await answer("y");
      const response = await page.frame("response");
      assert.ok(response.text.includes(`"id":${id}`), response.text);
    }
  });

  test("may be answered with octets, in base64", async () => {
    const id = page.start(request("rpc/a", "x"));
    const { answer } = await asked();
    await answer(Buffer.from([255, 0]));
    const response = await page.answer(id);
    assert.equal(response.payload, "/wA=");
    assert.equal(response.payload_encoding, "base64");
  });

  test("among many finds its own answer, in whatever order", async () => {
    const ids = Array.from({ length: 20 }, (_, i) =>
      page.start(request(`rpc/${i}`, `${i}`)),
    );
    const all = [];
    for (let i = 0; i < ids.length; i++) all.push(await asked());
    for (const { payload, answer } of all.reverse()) {
      await answer(`to ${payload}`);
    }
    for (const [i, id] of ids.entries()) {
      assert.equal((await page.answer(id)).payload, `to ${i}`);
    }
  });

  test("is not answered by what has another correlation", async () => {
    const id = page.start(request("rpc/a", "x"));
    const { answer, correlationData } = await asked();
    const other = Buffer.from(correlationData);
    other[0] ^= 1;
    await answer("false", { properties: { correlationData: other } });
    await answer("false", { properties: {} });
    await answer("true");
    assert.equal((await page.answer(id)).payload, "true");
    assert.deepEqual(await page.settle(), []);
  });

  test("is answered once, however often the device does it", async () => {
    const id = page.start(request("rpc/a", "x"));
    const { answer } = await asked();
    await answer("first");
    await answer("second");
    assert.equal((await page.answer(id)).payload, "first");
    await page.subscribe("fence", { qos: 1 });
    await device.publish("fence", "x", { qos: 1 });
    await page.message();
    assert.deepEqual(await page.settle(), []);
  });

  test("of two pages is answered to the one that asked", async () => {
    const other = await plant.page({ target });
    const id = page.start(request("rpc/1", "x"));
    const first = await asked();
    const same = other.start({ ...request("rpc/2", "x"), id });
    const second = await asked();
    assert.notEqual(first.responseTopic, second.responseTopic);
    await second.answer("two");
    await first.answer("one");
    assert.equal((await page.answer(id)).payload, "one");
    assert.equal((await other.answer(same)).payload, "two");
    await other.leave();
  });

  test("without an answer in time says so, and may be asked again", async () => {
    const start = performance.now();
    const quick = request("rpc/a", "x", { timeout_ms: 300 });
    const error = await page.refused(quick, 131, "timeout");
    const took = performance.now() - start;
    assert.equal(error.temporary, true);
    assert.ok(took >= 290 && took < 3000, `${took} ms`);
    const late = await asked();
    await late.answer("too late");
    const id = page.start(request("rpc/a", "again"));
    await (await asked()).answer("in time");
    assert.equal((await page.answer(id)).payload, "in time");
    assert.deepEqual(await page.settle(), []);
  });

  test("waits for five seconds when nothing is said", async () => {
    const start = performance.now();
    const options = { deadline: 10000 };
    const ask = request("rpc/a", "x");
    await page.refused(ask, 131, "timeout", options);
    const took = performance.now() - start;
    assert.ok(took >= 4900 && took < 7000, `${took} ms`);
    await device.message();
  });

  test("needs no right to the topic of its response", async () => {
    const restricted = await plant.page({ target: "/json" });
    await device.subscribe("open/rpc", 1);
    const id = restricted.start(request("open/rpc", "x"));
    const { responseTopic, answer } = await asked();
    const other = restricted.start({ type: "subscribe", topic: `${responseTopic}/#` });
    assert.equal((await restricted.answer(other)).error.code, 135);
    await answer("y");
    assert.equal((await restricted.answer(id)).payload, "y");
    await restricted.leave();
  });

  test("survives a broker that forgets", async () => {
    await page.answer(page.start(request("nobody", "x", { timeout_ms: 1 })));
    plant.wire.cut();
    await page.status("up", { deadline: 20000 });
    const id = page.start(request("rpc/a", "after"));
    const { answer } = await asked();
    await answer("y");
    assert.equal((await page.answer(id)).payload, "y");
  });

  test("that the ACL does not let pass is refused with 135", async () => {
    const ruled = await plant.page();
    const bad = request("rpc/a", "x");
    const error = await ruled.refused(bad, 135, "not_authorized");
    assert.equal(error.temporary, false);
    await device.publish("rpc/fence", "x");
    assert.equal((await device.message()).topic, "rpc/fence");
    await ruled.leave();
  });

  test("is not supported with mqtt_version 4", async () => {
    const old = await plant.page({ target: "/json4" });
    const error = await old.refused(request("rpc/a", "x"), 131, "not_supported");
    assert.equal(error.temporary, false);
    await old.leave();
  });

  const WRONG = {
    "no topic": [{ payload: "" }, 130],
    "no payload": [{ topic: "rpc/a" }, 130],
    "a wildcard": [{ topic: "rpc/+", payload: "" }, 144],
    "an empty topic": [{ topic: "", payload: "" }, 144],
    "no time": [{ topic: "rpc/a", payload: "", timeout_ms: 0 }, 130],
    "too much time": [{ topic: "rpc/a", payload: "", timeout_ms: 300001 }, 130],
    "a time in words": [{ topic: "rpc/a", payload: "", timeout_ms: "1" }, 130],
    "a QoS of 3": [{ topic: "rpc/a", payload: "", qos: 3 }, 155],
  };

  for (const [name, [wrong, code]] of Object.entries(WRONG)) {
    test(`with ${name} is answered with ${code}`, async () => {
      await page.refused({ type: "request", ...wrong }, code);
      await device.publish("rpc/fence", "x");
      assert.equal((await device.message()).topic, "rpc/fence");
    });
  }
});
