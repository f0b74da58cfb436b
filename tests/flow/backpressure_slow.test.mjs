// SPDX-License-Identifier: Apache-2.0
// A browser that reads slowly but steadily is left alone, however long it
// takes.
// Runs alone: it measures time.
import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";

import { Arrived, blocks, expected } from "./fixtures/bulk.mjs";
import { FrameStream } from "./fixtures/frame_stream.mjs";
import * as packets from "./fixtures/packets.mjs";
import { Rig, SCHEMES } from "./fixtures/rig.mjs";
import { until } from "./fixtures/wait.mjs";

const SIZE = 8 * 1024 * 1024;
const STALL_S = 1;
const OCTETS_PER_MS = 1600;
const atOnce = { concurrency: true };
const LEAST_MS = 3000 * STALL_S; // so that the limit passes several times

describe(`8 MiB at a trickle, with stall_s = ${STALL_S}`, atOnce, () => {
  let rig;

  before(async () => {
    rig = await Rig.start({ script: offer, route: { stall_s: STALL_S } });
  });
  after(() => rig?.stop());

  async function offer(link) {
    await link.next();
    link.write(packets.connack());
    await link.next(); // the browser is ready
    for (const block of blocks(SIZE)) await link.pour(block);
  }

  for (const scheme of SCHEMES) {
    test(`${scheme}: all of it arrives`, async (t) => {
      const start = performance.now();
      const browser = await rig.open(scheme);
      const arrived = new Arrived();
      const frames = new FrameStream((piece) => arrived.add(piece));
      const { socket } = browser.websocket;
      socket.divert((bytes) => {
        frames.push(bytes);
        socket.pause();
        setTimeout(() => socket.resume(), bytes.length / OCTETS_PER_MS);
      });
      browser.send(packets.pingreq());
      const whole = expected(SIZE);
      const isOver = () => arrived.size >= whole.size || socket.ended;
      await until(isOver, { deadline: 30000, what: "the end of it" });
      const took = Math.round(performance.now() - start);
      t.diagnostic(`took ${took} ms, ${frames.frames} frames`);
      assert.deepEqual(arrived.result(), whole);
      assert.ok(took > LEAST_MS, `${took} ms is no trickle`);
      browser.destroy();
    });
  }
});
