// SPDX-License-Identifier: Apache-2.0
// The frames in which a page gets its messages.
import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";

import { Client } from "./fixtures/client.mjs";
import { jsonRoutes } from "./fixtures/config.mjs";
import { VERSION_NAMES } from "./fixtures/packets.mjs";
import { VERSIONS } from "./fixtures/page.mjs";
import { Plant } from "./fixtures/plant.mjs";

const CLOCK_MS = 5000;
const octets = Buffer.from(Array.from({ length: 256 }, (_, i) => i));

const NOT_UTF8 = {
  "every octet": octets,
  "an octet ff": Buffer.from("61ff62", "hex"),
  "half a character at the end": Buffer.from("61e282", "hex"),
  "an overlong slash": Buffer.from("c0af", "hex"),
  "a surrogate": Buffer.from("eda080", "hex"),
  "U+110000": Buffer.from("f4908080", "hex"),
};

const UTF8 = {
  "nothing": "",
  "a number": "21.5",
  "an object": '{"a":1}',
  "quotes, backslashes and lines": '"\\\n\r\t/',
  "every control character": String.fromCharCode(...Array(32).keys(), 127),
  "what scripts took for line ends": "\u2028\u2029",
  "letters of the world": "caf\u00e9 \u6e29\u5ea6 \u{1f600}",
  "a BOM": "\ufeffx",
  "a non-character": "\uffff",
};

for (const version of VERSIONS) {
  describe(`with ${VERSION_NAMES[version]}`, () => {
    const target = `/json${version}`;
    let plant, page, device;
    let topics = 0;

    before(async () => {
      const broker = { settings: ["max_inflight_messages 0"] };
      plant = await Plant.start({ broker, routes: jsonRoutes() });
      page = await plant.page({ target });
      device = await Client.open(plant.brokerUrl);
    });
    after(async () => {
      await page?.leave();
      await device?.end();
      await plant?.stop();
    });

    // The frame of a message on a topic of its own.
    async function arrives(payload, { as, ...options } = {}) {
      const topic = `down/${++topics}`;
      await page.subscribe(topic, { qos: 2, ...(as ? { as } : {}) });
      await device.publish(topic, payload, { qos: 1, ...options });
      const message = await page.message();
      await page.do({ type: "unsubscribe", topic });
      return message;
    }

    test("a message has these fields and no others", async () => {
      const before = Date.now();
      const message = await arrives("21.5");
      const { seq, ts } = message;
      assert.deepEqual(message, {
        type: "message",
        topic: `down/${topics}`,
        payload: "21.5",
        qos: 1,
        retain: false,
        seq,
        ts,
        properties: {},
      });
      assert.ok(Number.isInteger(seq), message.text);
      assert.ok(Number.isInteger(ts), message.text);
      assert.ok(ts > before - CLOCK_MS && ts < Date.now() + CLOCK_MS);
    });

    test("seq rises and ts does not fall", async () => {
      await page.subscribe("rising", { qos: 1 });
      const sent = Array.from({ length: 100 }, (_, i) =>
        device.publish("rising", `${i}`, { qos: i % 2 }),
      );
      await Promise.all(sent);
      let last = { seq: -1, ts: 0 };
      for (let i = 0; i < sent.length; i++) {
        const message = await page.message();
        assert.ok(message.seq > last.seq, `${message.seq} after ${last.seq}`);
        assert.ok(message.ts >= last.ts);
        last = message;
      }
    });

    for (const qos of [0, 1, 2]) {
      test(`QoS ${qos}: messages come in the order they were sent`, async () => {
        const count = 500;
        const topic = `order/${qos}`;
        await page.subscribe(topic, { qos });
        const sent = Array.from({ length: count }, (_, i) =>
          device.publish(topic, `${i}`, { qos }),
        );
        await Promise.all(sent);
        for (let i = 0; i < count; i++) {
          const message = await page.message({ deadline: 10000 });
          assert.equal(message.payload, `${i}`);
        }
      });
    }

    for (const [name, text] of Object.entries(UTF8)) {
      test(`${name}: a string without payload_encoding`, async () => {
        for (const as of [undefined, "auto", "plain"]) {
          const message = await arrives(text, { as });
          assert.equal(message.payload, text);
          assert.equal("payload_encoding" in message, false);
        }
      });
    }

    for (const [name, bytes] of Object.entries(NOT_UTF8)) {
      test(`${name}: base64 with payload_encoding`, async () => {
        for (const as of [undefined, "auto", "plain", "json", "base64"]) {
          const message = await arrives(bytes, { as });
          assert.equal(message.payload, bytes.toString("base64"));
          assert.equal(message.payload_encoding, "base64");
        }
      });
    }

    test("base64 is what was asked for, text or not", async () => {
      for (const text of ["", "a", "ab", "abc", '{"a":1}']) {
        const message = await arrives(text, { as: "base64" });
        assert.equal(message.payload, Buffer.from(text).toString("base64"));
        assert.equal(message.payload_encoding, "base64");
      }
    });

    const VALUES = [
      "21.50",
      "0.1",
      "1e400",
      "-0",
      "18446744073709551616",
      "true",
      "null",
      '"caf\\u00e9 \\/"',
      '{"z":1.0,"a":[1, 2 ,{"10":1,"9":2}]}',
      "[]",
    ];
    for (const text of VALUES) {
      test(`as JSON ${text} stands there with its very octets`, async () => {
        const message = await arrives(text, { as: "json" });
        assert.equal(message.payload_encoding, "json");
        const places = [`"payload":${text},`, `"payload":${text}}`];
        const isThere = places.some((one) => message.text.includes(one));
        assert.ok(isThere, message.text);
        assert.deepEqual(message.payload, JSON.parse(text));
      });
    }

    test("what is no JSON is a string where JSON was asked for", async () => {
      const bad = ["", "abc", "{", "[1,]", "01", "1 2", "NaN", "'a'", '{"a":1}}'];
      for (const text of [...bad, '"a', "\ufeff1", '"a\nb"', "tru", '"\\x"']) {
        const message = await arrives(text, { as: "json" });
        assert.equal(message.payload, text);
        assert.equal("payload_encoding" in message, false, message.text);
      }
    });

    test("each filter of a list may have a form of its own", async () => {
      const topics = [{ topic: "form/a", as: "json" }, "form/b"];
      await page.do({ type: "subscribe", topics, as: "base64" });
      await device.publish("form/a", "[1]");
      await device.publish("form/b", "[1]");
      const [a, b] = [await page.message(), await page.message()];
      assert.deepEqual([a.payload, b.payload], [[1], "WzFd"]);
    });

    test("a large message arrives whole", async () => {
      const text = '"\\\u0001'.repeat(10_000);
      assert.equal((await arrives(text)).payload, text);
      const bytes = Buffer.alloc(150_000, octets);
      const message = await arrives(bytes);
      assert.equal(message.payload, bytes.toString("base64"));
    });

    test("one larger than queue_bytes arrives whole too", async () => {
      const text = "x".repeat(1024 * 1024);
      assert.equal((await arrives(text)).payload, text);
    });

    test("a topic with quotes and letters of the world arrives as it is", async () => {
      const topic = 'odd/"\\/caf\u00e9/\u{1f600}';
      await page.subscribe("odd/#");
      await device.publish(topic, "x");
      assert.equal((await page.message()).topic, topic);
    });

    test("a page gets its own message back", async () => {
      await page.subscribe("own/#", { qos: 1 });
      await page.publish("own/a", { v: 1.5 }, { qos: 1 });
      assert.equal((await page.message()).payload, '{"v":1.5}');
    });
  });
}
