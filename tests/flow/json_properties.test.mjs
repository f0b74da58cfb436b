// SPDX-License-Identifier: Apache-2.0
// Properties of MQTT 5, from a page to MQTT.js and back.
import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";

import { Client } from "./fixtures/client.mjs";
import { jsonRoutes } from "./fixtures/config.mjs";
import { Plant } from "./fixtures/plant.mjs";

describe("properties", () => {
  const target = "/json5";
  let plant, page, device;

  before(async () => {
    plant = await Plant.start({ routes: jsonRoutes() });
    page = await plant.page({ target });
    device = await Client.open(plant.brokerUrl, { level: 5 });
    await device.subscribe("up/#", 1);
    await page.subscribe("down/#", { qos: 1 });
  });
  after(async () => {
    await page?.leave();
    await device?.end();
    await plant?.stop();
  });

  // As MQTT.js gets them.
  async function sent(properties) {
    await page.publish("up/p", "x", { qos: 1, properties });
    return (await device.message()).properties;
  }

  // As the page gets them.
  async function received(properties) {
    await device.publish("down/p", "x", { qos: 1, properties });
    return (await page.message()).properties;
  }

  describe("of a publish", () => {
    test("all arrive", async () => {
      const seen = await sent({
        content_type: "application/json",
        response_topic: "down/answer",
        correlation_data: "caf\u00e9 7",
        message_expiry_interval: 60,
        payload_format_indicator: 1,
        user_properties: { unit: "C", line: ["l1", "l2"], "": "", g: "\u00e9" },
      });
      assert.equal(seen.contentType, "application/json");
      assert.equal(seen.responseTopic, "down/answer");
      assert.equal(seen.correlationData.toString("utf8"), "caf\u00e9 7");
      assert.equal(seen.messageExpiryInterval, 60);
      assert.equal(Number(seen.payloadFormatIndicator), 1);
      assert.deepEqual(
        { ...seen.userProperties },
        { unit: "C", line: ["l1", "l2"], "": "", g: "\u00e9" },
      );
    });

    test("correlation data may be any octets, in base64", async () => {
      const bytes = Buffer.from([0, 255, 128, 10]);
      const seen = await sent({
        correlation_data: bytes.toString("base64"),
        correlation_data_encoding: "base64",
      });
      assert.deepEqual(seen.correlationData, bytes);
    });

    test("may be empty, and an unknown one is ignored", async () => {
      assert.deepEqual(await sent({}), {});
      const seen = await sent({ colour: "red", content_type: "a/b" });
      assert.deepEqual({ ...seen }, { contentType: "a/b" });
    });

    test("of one message are not those of the next", async () => {
      await sent({ content_type: "a/b", user_properties: { a: "1" } });
      assert.deepEqual(await sent(undefined), {});
    });

    test("at their borders arrive", async () => {
      for (const message_expiry_interval of [1, 2 ** 31, 2 ** 32 - 1]) {
        const seen = await sent({ message_expiry_interval });
        const left = seen.messageExpiryInterval;
        assert.ok(left <= message_expiry_interval);
        // Paho 1.3.12 knows nothing beyond: 68 years.
        assert.ok(left >= Math.min(message_expiry_interval, 2 ** 31) - 1);
      }
      const seen = await sent({ payload_format_indicator: 0 });
      assert.equal(Number(seen.payloadFormatIndicator ?? 0), 0);
    });

    const WRONG = {
      "a list": [],
      "a string": "x",
      "a content type that is a number": { content_type: 1 },
      "a response topic that is a number": { response_topic: 1 },
      "correlation data that is an object": { correlation_data: {} },
      "an expiry that is a string": { message_expiry_interval: "60" },
      "a negative expiry": { message_expiry_interval: -1 },
      "an expiry of 2^32": { message_expiry_interval: 2 ** 32 },
      "half a second of expiry": { message_expiry_interval: 0.5 },
      "a format of 2": { payload_format_indicator: 2 },
      "a format that is true": { payload_format_indicator: true },
      "a list of user properties": { user_properties: ["a"] },
      "a user property that is a number": { user_properties: { a: 1 } },
      "a list in a user property with one": { user_properties: { a: ["b", 1] } },
    };

    for (const [name, properties] of Object.entries(WRONG)) {
      test(`with ${name} are answered with 130`, async () => {
        const request = { type: "publish", topic: "up/p", payload: "no" };
        await page.refused({ ...request, properties }, 130, "protocol_error");
        await page.publish("up/fence", "yes");
        assert.equal((await device.message()).topic, "up/fence");
      });
    }

    test("with a wildcard in the response topic are refused", async () => {
      const properties = { response_topic: "down/+" };
      const request = { type: "publish", topic: "up/p", payload: "no" };
      await page.refused({ ...request, properties }, 144);
      await page.publish("up/fence", "yes");
      assert.equal((await device.message()).topic, "up/fence");
    });

    test("are not supported with mqtt_version 4, unless there are none", async () => {
      const old = await plant.page({ target: "/json4" });
      const request = { type: "publish", topic: "up/p", payload: "x" };
      const properties = { content_type: "a/b" };
      const bad = { ...request, properties };
      const error = await old.refused(bad, 131, "not_supported");
      assert.equal(error.temporary, false);
      await old.do({ ...request, properties: {} });
      assert.equal((await device.message()).payload.toString(), "x");
      await old.leave();
    });
  });

  describe("of a message", () => {
    test("all arrive", async () => {
      const seen = await received({
        contentType: "application/json",
        responseTopic: "up/answer",
        correlationData: Buffer.from("caf\u00e9 7"),
        messageExpiryInterval: 60,
        payloadFormatIndicator: true,
        userProperties: { unit: "C", line: ["l1", "l2"], 'q"\\': "\u00e9" },
      });
      const { message_expiry_interval: left, ...rest } = seen;
      assert.ok(left > 50 && left <= 60, `${left}`);
      assert.deepEqual(rest, {
        content_type: "application/json",
        response_topic: "up/answer",
        correlation_data: "caf\u00e9 7",
        payload_format_indicator: 1,
        user_properties: { unit: "C", line: ["l1", "l2"], 'q"\\': "\u00e9" },
      });
    });

    test("that are none are an empty object", async () => {
      assert.deepEqual(await received(undefined), {});
    });

    test("with correlation data that is no text have it in base64", async () => {
      const correlationData = Buffer.from([0, 255, 128, 10]);
      assert.deepEqual(await received({ correlationData }), {
        correlation_data: correlationData.toString("base64"),
        correlation_data_encoding: "base64",
      });
    });

    test("make no trouble for names that objects have of their own", async () => {
      const pairs = { constructor: "1", toString: "2", hasOwnProperty: "3" };
      const seen = await received({ userProperties: pairs });
      assert.deepEqual({ ...seen.user_properties }, pairs);
    });

    test("are an empty object with mqtt_version 4 too", async () => {
      const old = await plant.page({ target: "/json4" });
      await old.subscribe("old");
      const properties = { contentType: "a/b" };
      await device.publish("old", "x", { properties });
      assert.deepEqual((await old.message()).properties, {});
      await old.leave();
    });
  });
});
