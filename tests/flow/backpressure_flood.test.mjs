// SPDX-License-Identifier: Apache-2.0
// Browsers that flood a broker which does not read: the gateway does not
// read them either, and nothing is lost when the broker reads again.
import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";

import { memoryOf, resetPeak } from "./fixtures/accounts.mjs";
import { Arrived, expected, frameBlocks } from "./fixtures/bulk.mjs";
import * as packets from "./fixtures/packets.mjs";
import { Rig, SCHEMES } from "./fixtures/rig.mjs";
import { each, still, until } from "./fixtures/wait.mjs";

const KIB = 1024;
const MIB = 1024 * KIB;
const COUNT = 20;
const SIZE = 12 * MIB; // of the packet of each
const KERNEL_MOST = 256 * KIB; // of a session
const GROWTH_MOST = MIB;

describe(`${COUNT} browsers flood a broker that does not read`, () => {
  let rig;
  const arrivals = [];

  before(async () => {
    rig = await Rig.start({ script: sleep });
  });
  after(() => rig?.stop());

  async function sleep(link) {
    await link.next();
    const arrived = new Arrived();
    arrivals.push(arrived);
    link.divert((bytes) => arrived.add(bytes));
    link.pause();
    link.write(packets.connack());
  }

  test("little memory is taken, and all arrives when it reads", async (t) => {
    const browsers = [];
    await each(COUNT, 10, async (i) => {
      browsers.push(await rig.open(SCHEMES[i % SCHEMES.length]));
    });
    const { resident } = await memoryOf(rig.worker);
    await resetPeak(rig.worker);

    let taken = 0; // by the kernel, from the browsers
    const floods = browsers.map((browser) =>
      flood(browser.websocket.socket, (count) => (taken += count)),
    );
    await still(() => taken);
    const kernel = await mostInKernel();
    const { peak } = await memoryOf(rig.worker);
    const share = Math.round(taken / COUNT / KIB);
    t.diagnostic(`peak of the worker +${kib(peak - resident)} KiB`);
    t.diagnostic(`in the kernel at most ${kib(kernel)} KiB a session`);
    t.diagnostic(`${share} KiB left each browser, its own socket included`);
    assert.ok(peak - resident <= GROWTH_MOST, "resident memory");
    assert.ok(kernel <= KERNEL_MOST, "memory of the kernel");
    assert.ok(taken < (COUNT * SIZE) / 1.5, "the browsers are held up");

    for (const link of rig.broker.links) link.resume();
    await Promise.all(floods);
    const whole = expected(SIZE);
    await until(() => arrivals.every((one) => one.size >= whole.size), {
      deadline: 20000,
      what: "all packets arrive",
    });
    for (const one of arrivals) assert.deepEqual(one.result(), whole);
    const after = await memoryOf(rig.worker);
    t.diagnostic(`peak to the end +${kib(after.peak - resident)} KiB`);
    assert.ok(after.peak - resident <= GROWTH_MOST, "resident memory");
    for (const browser of browsers) browser.destroy();
  });

  async function flood(socket, count) {
    for (const block of frameBlocks(SIZE)) {
      for (let at = 0; at < block.length; at += 64 * KIB) {
        const piece = block.subarray(at, at + 64 * KIB);
        await socket.pour(piece);
        count(piece.length);
      }
    }
  }

  async function mostInKernel() {
    const sizes = await rig.kernelMemory();
    assert.equal(sizes.length, COUNT, "all sessions are seen");
    return Math.max(...sizes);
  }
});

function kib(octets) {
  return Math.round(octets / KIB);
}
