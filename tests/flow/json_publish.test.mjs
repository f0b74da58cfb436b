// SPDX-License-Identifier: Apache-2.0
// What a page publishes is what a device gets, octet by octet.
import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";

import { Client } from "./fixtures/client.mjs";
import { jsonRoutes } from "./fixtures/config.mjs";
import { VERSION_NAMES } from "./fixtures/packets.mjs";
import { VERSIONS } from "./fixtures/page.mjs";
import { Plant } from "./fixtures/plant.mjs";

const TOPIC = "up/raw";

// JSON text as a page may write it, and the octets that arrive.
const STRINGS = {
  "as they are": ['"on"', "on"],
  "empty": ['""', ""],
  "with letters of the world": ['"caf\u00e9 \u6e29\u5ea6"', "caf\u00e9 \u6e29\u5ea6"],
  "beyond the BMP": ['"\ud83d\ude00"', "\ud83d\ude00"],
  "with a pair of escapes": ['"\\ud83d\\ude00\\uD834\\uDD1E"', "\u{1f600}\u{1d11e}"],
  "with each short escape": [
    '"\\" \\\\ \\/ \\b \\f \\n \\r \\t"',
    '" \\ / \b \f \n \r \t',
  ],
  "with long escapes": ['"\\u0041\\u00e9\\u6e29\\uFFFF"', "A\u00e9\u6e29\uffff"],
  "with a NUL": ['"a\\u0000b"', "a\0b"],
  "with DEL and C1 controls": ['"\u007f\u0085"', "\u007f\u0085"],
  "with a BOM inside": ['"\ufeffx"', "\ufeffx"],
  "that look like JSON": ['"{\\"a\\":1}"', '{"a":1}'],
  "that look like base64": ['"aGk="', "aGk="],
};

const VALUES = [
  "0.1",
  "21.50",
  "1e3",
  "1E+3",
  "1e400",
  "-1e-400",
  "-0",
  "0",
  "-0.0",
  "18446744073709551616",
  "0.10000000000000000000000000000000000000000001",
  "true",
  "false",
  "null",
  "{}",
  "[]",
  '{"z":1,"a":2,"m":3,"10":4,"9":5}',
  '{ "a" :\t1 ,\n  "b":[ 1,\r\n2 ] }',
  '[1.0,[2.50,{"x":"\\u0041\\/\\ud83d\\ude00"}],"caf\u00e9"]',
  '{"":{"":""}}',
  '{"__proto__":1,"constructor":2}',
];

for (const version of VERSIONS) {
  describe(`with ${VERSION_NAMES[version]}`, () => {
    const target = `/json${version}`;
    let plant, page, device;

    before(async () => {
      const broker = { settings: ["max_inflight_messages 0"] };
      plant = await Plant.start({ broker, routes: jsonRoutes() });
      page = await plant.page({ target });
      device = await Client.open(plant.brokerUrl);
      await device.subscribe("up/#", 2);
    });
    after(async () => {
      await page?.leave();
      await device?.end();
      await plant?.stop();
    });

    let ids = 1000;

    // The frame with exactly this text after `payload`; the octets that
    // arrive.
    async function raw(text, more = "") {
      const id = ++ids;
      page.send(
        `{"type":"publish","id":${id},"topic":"${TOPIC}","qos":1,` +
          `"payload":${text}${more}}`,
      );
      const ack = await page.answer(id);
      assert.equal(ack.success, true, `${text}: ${ack.text}`);
      return (await device.message()).payload;
    }

    for (const qos of [0, 1, 2]) {
      test(`QoS ${qos} is acknowledged and arrives with it`, async () => {
        const ack = await page.publish(`up/${qos}`, "hello", { qos });
        assert.equal(ack.type, "ack");
        const message = await device.message();
        assert.equal(message.topic, `up/${qos}`);
        assert.equal(message.payload.toString(), "hello");
        assert.deepEqual([message.qos, message.retain], [qos, false]);
      });

      test(`QoS ${qos} without an id is published without a word`, async () => {
        const request = { type: "publish", topic: "up/a", payload: "x", qos };
        page.send(request);
        assert.equal((await device.message()).qos, qos);
        await page.publish("up/fence", "fence", { qos });
        await device.message();
        assert.deepEqual(await page.settle(), []);
      });
    }

    test("QoS is 0 and retain is false when nothing is said", async () => {
      await page.publish("up/plain", "x");
      const { qos, retain } = await device.message();
      assert.deepEqual([qos, retain], [0, false]);
    });

    test("a retained message is kept, and an empty one deletes it", async () => {
      const kept = { qos: 1, retain: true };
      await page.publish("up/kept", "state", kept);
      await device.message();
      const late = await Client.open(plant.brokerUrl);
      await late.subscribe("up/kept", 1);
      const found = await late.message();
      assert.deepEqual([`${found.payload}`, found.retain], ["state", true]);
      await page.publish("up/kept", "", kept);
      assert.equal((await late.message()).payload.length, 0);
      await device.message();
      await late.end();
    });

    for (const [name, [text, wanted]] of Object.entries(STRINGS)) {
      test(`strings ${name} are taken as their octets`, async () => {
        assert.equal((await raw(text)).toString("utf8"), wanted);
        const plain = await raw(text, ',"payload_encoding":"plain"');
        assert.equal(plain.toString("utf8"), wanted);
      });

      test(`strings ${name} keep their quotes and escapes as JSON`, async () => {
        const payload = await raw(text, ',"payload_encoding":"json"');
        assert.equal(payload.toString("utf8"), text);
      });
    }

    for (const text of VALUES) {
      test(`the value ${JSON.stringify(text)} arrives as its very text`, async () => {
        assert.equal((await raw(text)).toString("utf8"), text);
        assert.equal((await raw(` \t\r\n${text} \n`)).toString("utf8"), text);
        const json = await raw(text, ',"payload_encoding":"json"');
        assert.equal(json.toString("utf8"), text);
      });
    }

    test("base64 arrives as its octets", async () => {
      const octets = Buffer.from(Array.from({ length: 256 }, (_, i) => i));
      const more = ',"payload_encoding":"base64"';
      for (const bytes of [octets, octets.subarray(0, 1), Buffer.alloc(0)]) {
        const text = JSON.stringify(bytes.toString("base64"));
        assert.deepEqual(await raw(text, more), bytes);
      }
      assert.equal((await raw('"aG\\u006b="', more)).toString(), "hi");
    });

    test("base64 that is not strict is refused with 153", async () => {
      const bad = ["a", "aGk", "aGk=\n", " aGk=", "aG_-", "aGk==", "a=Gk", "a*k="];
      const more = { type: "publish", topic: TOPIC, payload_encoding: "base64" };
      for (const payload of bad) {
        await page.refused({ ...more, payload }, 153, "payload_format_invalid");
      }
      assert.equal((await raw('"next"')).toString(), "next");
    });

    test("a payload of a megabyte, less its envelope, arrives whole", async () => {
      const payload = "m".repeat(1024 * 1024 - 200);
      await page.publish("up/large", payload, { qos: 1 });
      assert.equal((await device.message()).payload.toString(), payload);
    });

    test("a frame cut into many pieces is one frame", async () => {
      const request = {
        type: "publish",
        id: "pieces",
        topic: "up/pieces",
        payload: "caf\u00e9 \ud83d\ude00 ".repeat(20),
      };
      for (const size of [1, 2, 3, 7, 100]) {
        page.sendInPieces(request, size);
        assert.equal((await page.answer("pieces")).success, true);
        const { payload } = await device.message();
        assert.equal(payload.toString(), request.payload);
      }
    });

    test("many at once arrive in their order and are all acknowledged", async () => {
      const count = 500;
      const all = Array.from({ length: count }, (_, i) =>
        page.publish("up/many", `${i}`, { qos: 1 }, { deadline: 20000 }),
      );
      await Promise.all(all);
      const seen = await device.take(count, { deadline: 20000 });
      assert.deepEqual(
        seen.map(({ payload }) => Number(payload.toString())),
        Array.from({ length: count }, (_, i) => i),
      );
    });
  });
}
