// SPDX-License-Identifier: Apache-2.0
// wrap = "message": a page that parses everything as JSON can do so, whatever
// a device says.
import assert from "node:assert/strict";
import { after, before, beforeEach, describe, test } from "node:test";

import { ChannelPlant } from "./fixtures/channel.mjs";
import { channelRoute, LOBBY } from "./fixtures/channel_route.mjs";

const JSON_TEXTS = [
  '{"message":"hello"}',
  ' { "message" : "hello" } ',
  '{"b":1,"a":2}',
  "{}",
  "[]",
  "[1, 2,\t3]\r\n",
  '"a string"',
  '"\\u20ac \u20ac"',
  "true",
  "false",
  "null",
  "0",
  "-0.0",
  "21.50",
  "0.1",
  "1e3",
  "18446744073709551616",
];

const OTHER_TEXTS = {
  words: "hello everybody",
  "nothing at all": "",
  "white space": " \n",
  "an object that is cut": '{"message":"hello"',
  "an object and more": '{"message":"hello"} {}',
  "single quotes": "{'message':'hello'}",
  "a name without quotes": "{message:1}",
  "a comma too many": "[1,]",
  "a leading zero": "01",
  "a number that is cut": "1.",
  "a plus sign": "+1",
  "a number that is none": "NaN",
  "a word that is cut": "tru",
  "a word in capitals": "True",
  "a string with a line feed": '"a\nb"',
  "a string with an unknown escape": '"\\x"',
  "quotes and backslashes": 'say "\\"',
  "control characters": "a\0b\x01\x1f\b\f\n\r\t\x7f",
  "line separators": "a\u2028b\u2029c",
  "many scripts": "\u00e9 \u20ac \u{1f600} \uffff",
  markup: "</script><script>alert(1)</script>",
  "a comment": "/* none */ {}",
};

describe('a channel with wrap = "message"', () => {
  let stage, device, channel, plain;

  before(async () => {
    stage = await ChannelPlant.start({
      routes: [
        channelRoute({ wrap: "message" }),
        channelRoute({ path: "/plain", wrap: "" }),
      ],
    });
    device = await stage.device(LOBBY);
  });
  beforeEach(async () => {
    stage.leaveAll();
    channel = await stage.join();
    plain = await stage.join({ target: "/plain" });
  });
  after(() => stage?.stop());

  // What a page without wrap is told is what the device said.
  async function says(text) {
    await device.publish(LOBBY, text, { qos: 1 });
    assert.equal(await plain.text(), text);
    await device.message();
  }

  async function getsWrapped(text) {
    const frame = await channel.text();
    assert.deepEqual(JSON.parse(frame), { message: text }, frame);
  }

  test("gives JSON as it is, to the octet", async () => {
    for (const text of JSON_TEXTS) {
      await says(text);
      assert.equal(await channel.text(), text);
    }
  });

  for (const [name, text] of Object.entries(OTHER_TEXTS)) {
    test(`puts ${name} into a message`, async () => {
      await says(text);
      await getsWrapped(text);
    });
  }

  test("puts a long text into a message", async () => {
    const text = '\\"\n\u20ac'.repeat(40000);
    await says(text);
    await getsWrapped(text);
  });

  test("gives what is no UTF-8 as binary", async () => {
    const octets = Buffer.from("7b7dff", "hex");
    await device.publish(LOBBY, octets, { qos: 1 });
    const { kind, payload } = await channel.message();
    assert.equal(kind, "binary");
    assert.ok(payload.equals(octets));
    await device.message();
  });

  test("unwraps nothing of what the page says", async () => {
    for (const text of ['{"message":"hello"}', '{ "message": 1 }']) {
      channel.send(text);
      assert.equal((await device.message()).payload.toString(), text);
      assert.equal(await channel.text(), text);
    }
  });

  test("wraps for the sender what it said as plain text", async () => {
    channel.send("hello");
    assert.equal((await device.message()).payload.toString(), "hello");
    await getsWrapped("hello");
  });
});
