// SPDX-License-Identifier: Apache-2.0
// What the broker sent before it closed reaches a browser that sleeps
// meanwhile, and only then the close frame.
import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";

import { Arrived, blocks, expected } from "./fixtures/bulk.mjs";
import { FrameStream } from "./fixtures/frame_stream.mjs";
import * as packets from "./fixtures/packets.mjs";
import { Rig, SCHEMES } from "./fixtures/rig.mjs";
import { until } from "./fixtures/wait.mjs";

const SIZES = { "300 kB": 300_000, "5 MB": 5_000_000 };
const ASLEEP_MS = 7000; // longer than libwebsockets waits by itself
const CLOSE_1012 = Buffer.from("8811" + "03f4", "hex"); // and the word
const atOnce = { concurrency: true };
const WORD = "upstream_closed";

describe("a broker closes while the browser sleeps", atOnce, () => {
  let rig;

  before(async () => {
    rig = await Rig.start({ script: offer });
  });
  after(() => rig?.stop());

  async function offer(link) {
    const { bytes } = await link.next();
    const name = Object.keys(SIZES).find((x) => bytes.includes(x));
    link.write(packets.connack());
    await link.next(); // the browser sleeps now
    for (const block of blocks(SIZES[name])) await link.pour(block);
    link.end();
  }

  for (const scheme of SCHEMES) {
    for (const name of Object.keys(SIZES)) {
      test(`${scheme}: ${name} arrive, then 1012`, () => sleeps(scheme, name));
    }
  }

  async function sleeps(scheme, name) {
    const way = { ...rig.way(scheme), session: { clientId: name } };
    const browser = await rig.open(scheme, way);
    const { socket } = browser.websocket;
    const arrived = new Arrived();
    const frames = new FrameStream((piece) => arrived.add(piece));
    let tail = Buffer.alloc(0);
    socket.divert((bytes) => {
      frames.push(bytes);
      tail = Buffer.concat([tail, bytes]).subarray(-19);
    });
    socket.pause();
    browser.send(packets.pingreq());
    const end = performance.now() + ASLEEP_MS;
    await until(() => performance.now() > end, { deadline: 2 * ASLEEP_MS });
    socket.resume();
    const isOver = () => tail.subarray(0, 4).equals(CLOSE_1012);
    await until(() => isOver() || socket.ended, { deadline: 10000 });
    assert.deepEqual(arrived.result(), expected(SIZES[name]));
    assert.ok(isOver(), `the end is ${tail.toString("hex")}`);
    assert.equal(tail.toString("latin1", 4), WORD);
    browser.destroy();
  }
});
