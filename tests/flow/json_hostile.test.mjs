// SPDX-License-Identifier: Apache-2.0
// The list of hostile JSON: each row ends its own session or is answered,
// with the right words, and nobody else feels it.
// Runs alone: it measures memory.
import assert from "node:assert/strict";
import { after, before, beforeEach, describe, test } from "node:test";

import { Client } from "./fixtures/client.mjs";
import { jsonRoutes } from "./fixtures/config.mjs";
import {
  ANSWERED,
  BAD_IDS,
  MALFORMED,
  NOT_UTF8,
  ofDepth,
} from "./fixtures/hostile_json.mjs";
import { Plant } from "./fixtures/plant.mjs";
import { BINARY, CONTINUATION, frame, TEXT } from "./fixtures/websocket.mjs";

const PACKET_BYTES = 131072;
const PROMPT = "set_tcp_nodelay true"; // a beat must not wait for an ACK
const ECHO_MOST = 64; // octets of input that an answer may hold
const ROUNDS = 30;
const GROWTH_MOST = 1024 * 1024;
const target = "/json5";
const routes = jsonRoutes({ limits: { packet_bytes: PACKET_BYTES } });

const around = (octets) =>
  Buffer.concat([
    Buffer.from('{"type":"publish","id":1,"topic":"t","payload":"a'),
    Buffer.from(octets, "hex"),
    Buffer.from('"}'),
  ]);

describe("hostile JSON", () => {
  let plant, device, page;

  before(async () => {
    plant = await Plant.start({ broker: { settings: [PROMPT] }, routes });
    device = await Client.open(plant.brokerUrl);
    await device.subscribe("#");
    page = await plant.page({ target });
    await plant.unaffected();
    await device.message();
  });
  after(async () => {
    await device?.end();
    await plant?.stop({ hostile: true });
  });

  // One that was closed must not fail those after it.
  beforeEach(async () => {
    if (page.ended) page = await plant.page({ target });
  });

  // Nothing reached the broker but the bystander's own message.
  async function nobodyFeelsIt() {
    await plant.unaffected();
    const { topic } = await device.message();
    assert.equal(topic, "bystander");
    assert.equal(page.ended, false);
    assert.deepEqual(await page.settle(), []);
  }

  async function ends(send, wanted) {
    const victim = await plant.page({ target });
    send(victim);
    const { code, reason, frames } = await victim.expectClose();
    assert.equal(`${code} ${reason}`, wanted);
    assert.deepEqual(frames, []);
    // Inside a frame no close frame of the victim can come: that is given 5 s.
    await victim.websocket.untilEnded({ deadline: 10000 });
    await nobodyFeelsIt();
  }

  for (const [name, text] of Object.entries(MALFORMED)) {
    test(`${name}: 4400`, () =>
      ends((victim) => victim.send(text), "4400 malformed"));
  }

  test("a text that is bad only in its last fragment: 4400", () =>
    ends(
      (victim) => victim.sendInPieces('{"type":"ping","id":1}}', 1),
      "4400 malformed",
    ));

  test("good frames before a bad one are answered, those after are not", async () => {
    const victim = await plant.page({ target });
    const frames = ['{"type":"ping","id":1}', "{", '{"type":"ping","id":2}'];
    const bytes = frames.map((text) => frame(text, { opcode: TEXT }));
    victim.websocket.write(Buffer.concat(bytes));
    const end = await victim.expectClose();
    assert.equal(end.code, 4400);
    assert.deepEqual(end.frames, [{ type: "pong", id: 1 }]);
    await nobodyFeelsIt();
  });

  test("a binary frame: 4400", () =>
    ends(
      ({ websocket }) => websocket.send('{"type":"ping"}', { opcode: BINARY }),
      "4400 malformed",
    ));

  test("a binary frame in pieces, and an empty one: 4400", async () => {
    const pieces = ({ websocket }) => {
      websocket.send("{", { opcode: BINARY, fin: false });
      websocket.send("}", { opcode: CONTINUATION });
    };
    const empty = ({ websocket }) => websocket.send("", { opcode: BINARY });
    await ends(pieces, "4400 malformed");
    await ends(empty, "4400 malformed");
  });

  for (const [name, octets] of Object.entries(NOT_UTF8)) {
    test(`${name}: 1007`, async () => {
      const bytes = around(octets);
      await ends((victim) => victim.send(bytes), "1007 bad_utf8");
      await ends((victim) => victim.sendInPieces(bytes, 1), "1007 bad_utf8");
    });
  }

  test("a character cut between two fragments is none of those", async () => {
    page.sendInPieces({ type: "ping", id: "caf\u00e9 \u{1f600}" }, 1);
    assert.equal((await page.frame("pong")).id, "caf\u00e9 \u{1f600}");
  });

  const padded = (size) => '{"type":"ping","id":9}'.padEnd(size);

  test("a frame of packet_bytes is taken", async () => {
    page.send(padded(PACKET_BYTES));
    assert.equal((await page.answer(9)).type, "pong");
    page.sendInPieces(padded(PACKET_BYTES), 4096);
    assert.equal((await page.answer(9)).type, "pong");
  });

  const LARGE = {
    "one octet more": (victim) => victim.send(padded(PACKET_BYTES + 1)),
    "one octet more in pieces": (victim) =>
      victim.sendInPieces(padded(PACKET_BYTES + 1), 4096),
    "a string of 10 MiB": (victim) =>
      victim.send({ type: "ping", id: "x".repeat(10 * 1024 * 1024) }),
    "10 MiB in pieces of 1 KiB": (victim) =>
      victim.sendInPieces("x".repeat(10 * 1024 * 1024), 1024),
    "2 GiB announced and never sent": ({ websocket }) =>
      websocket.send("x".repeat(2048), { opcode: TEXT, length: 2n ** 31n }),
  };
  for (const [name, send] of Object.entries(LARGE)) {
    test(`${name}: 4413`, () => ends(send, "4413 too_large"));
  }

  for (const [name, [text, code]] of Object.entries(ANSWERED)) {
    test(`${name}: answered${code ? ` with ${code}` : ""}`, async () => {
      page.send(text);
      const answer = await page.answer("h");
      assert.deepEqual([answer.type, answer.success], ["ack", false]);
      if (code) assert.equal(answer.error.code, code, answer.text);
      assert.equal(answer.error.temporary, false);
      await nobodyFeelsIt();
    });
  }

  test("lone surrogates in a filter are answered with 129", async () => {
    page.send('{"type":"subscribe","id":"h","topic":"t\\ud800"}');
    assert.equal((await page.answer("h")).error?.code, 129);
    await nobodyFeelsIt();
  });

  for (const [name, id] of Object.entries(BAD_IDS)) {
    test(`an id that is ${name}: answered without it`, async () => {
      page.send(`{"type":"publish","id":${id},"topic":"t","payload":"x"}`);
      await page.error(130, "protocol_error");
      await nobodyFeelsIt();
    });
  }

  test("depth 16 is published", async () => {
    page.send(ofDepth(16));
    assert.equal((await page.answer("d")).success, true);
    assert.equal((await device.message()).topic, "deep");
    await nobodyFeelsIt();
  });

  test("two auth messages are answered, each", async () => {
    for (let i = 0; i < 2; i++) {
      await page.refused({ type: "auth", token: "t" }, 131, "not_supported");
    }
    await nobodyFeelsIt();
  });

  const run = "Q".repeat(5000);
  const ECHOES = {
    "a type": { type: run },
    "a topic": { type: "publish", topic: `${run}+`, payload: "x" },
    "a filter": { type: "subscribe", topic: `${run}#` },
    "an encoding": {
      type: "publish",
      topic: "t",
      payload: "x",
      payload_encoding: run,
    },
    "base64": {
      type: "publish",
      topic: "t",
      payload: `${run}*`,
      payload_encoding: "base64",
    },
    "a token": { type: "auth", token: run },
    "a form": { type: "subscribe", topic: "t", as: run },
    "a name that nobody knows": { type: "pong", [run]: 1 },
  };
  for (const [name, request] of Object.entries(ECHOES)) {
    test(`${name} of 5000 octets does not come back`, async () => {
      const answer = await page.ask(request);
      const said = answer.error.message.match(/Q+/g) ?? [""];
      assert.ok(said.every((one) => one.length <= ECHO_MOST), answer.text);
      await nobodyFeelsIt();
    });
  }
});

describe("hostile JSON again and again", () => {
  let plant;

  before(async () => {
    plant = await Plant.start({ release: true, routes });
  });
  after(() => plant?.stop());

  async function round() {
    for (const text of Object.values(MALFORMED)) {
      const victim = await plant.page({ target });
      victim.send(text);
      const { code } = await victim.expectClose();
      assert.equal(code, 4400);
    }
    const page = await plant.page({ target });
    for (const [text] of Object.values(ANSWERED)) {
      page.send(text);
      await page.answer("h");
    }
    page.send("x".repeat(PACKET_BYTES + 1));
    assert.equal((await page.expectClose()).code, 4413);
  }

  test("leaves nothing behind", async () => {
    for (let i = 0; i < 3; i++) await round();
    const before = await plant.gateway.memory();
    const descriptors = await plant.gateway.descriptors();
    for (let i = 0; i < ROUNDS; i++) await round();
    const grown = (await plant.gateway.memory()) - before;
    assert.ok(grown < GROWTH_MOST, `${grown} octets more memory`);
    assert.ok((await plant.gateway.descriptors()) <= descriptors + 2);
  });
});
