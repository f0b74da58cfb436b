// SPDX-License-Identifier: Apache-2.0
// The largest packet there is streams through; the gateway holds no more of
// it than a piece.
// Runs alone: it measures time.
import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";

import { memoryOf, resetPeak } from "./fixtures/accounts.mjs";
import {
  Arrived,
  blocks,
  expected,
  frameBlocks,
} from "./fixtures/bulk.mjs";
import { FrameStream } from "./fixtures/frame_stream.mjs";
import * as packets from "./fixtures/packets.mjs";
import { Rig, SCHEMES } from "./fixtures/rig.mjs";
import { until } from "./fixtures/wait.mjs";

const LARGEST = 268_435_455; // of Remaining Length [MQTT 2.2.3]
const MIB = 1024 * 1024;
const deadline = 60000;

describe("a packet of the largest size there is", () => {
  let rig, whole;

  before(async () => {
    rig = await Rig.start({ script });
    whole = expected(LARGEST);
  });
  after(() => rig?.stop());

  async function script(link) {
    await link.next();
    link.arrived = new Arrived();
    link.divert((bytes) => link.arrived.add(bytes));
    link.write(packets.connack());
  }

  async function flat(t, task) {
    const { resident } = await memoryOf(rig.worker);
    await resetPeak(rig.worker);
    const start = performance.now();
    await task();
    const { peak } = await memoryOf(rig.worker);
    const took = Math.round(performance.now() - start);
    const grown = peak - resident;
    t.diagnostic(`${took} ms, peak of the worker +${grown / 1024} KiB`);
    assert.ok(grown <= MIB, `${grown} octets more memory`);
  }

  for (const scheme of SCHEMES) {
    test(`${scheme}: passes from the browser`, async (t) => {
      const browser = await rig.open(scheme);
      const link = rig.broker.links.at(-1);
      const { socket } = browser.websocket;
      await flat(t, async () => {
        for (const block of frameBlocks(LARGEST)) await socket.pour(block);
        const isOver = () => link.arrived.size >= whole.size || socket.ended;
        await until(isOver, { deadline, what: "all of it" });
      });
      assert.deepEqual(link.arrived.result(), whole);
      browser.destroy();
    });

    test(`${scheme}: passes to the browser`, async (t) => {
      const browser = await rig.open(scheme);
      const link = rig.broker.links.at(-1);
      const { socket } = browser.websocket;
      const arrived = new Arrived();
      const frames = new FrameStream((piece) => arrived.add(piece));
      socket.divert((bytes) => frames.push(bytes));
      await flat(t, async () => {
        for (const block of blocks(LARGEST)) await link.pour(block);
        const isOver = () => arrived.size >= whole.size || socket.ended;
        await until(isOver, { deadline, what: "all of it" });
      });
      t.diagnostic(`${frames.frames} frames`);
      assert.deepEqual(arrived.result(), whole);
      browser.destroy();
    });
  }
});
