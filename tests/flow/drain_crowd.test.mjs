// SPDX-License-Identifier: Apache-2.0
// SIGTERM with many sessions on several workers: each of them is told.
import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";

import { LEVELS } from "./fixtures/packets.mjs";
import { Plant } from "./fixtures/plant.mjs";
import { each } from "./fixtures/wait.mjs";

const COUNT = 500;
const WORKERS = 2;
const AT_ONCE = 20;
const SPREAD_S = 1;
const ENDS_MS = SPREAD_S * 1000 + 4000;

describe(`${COUNT} sessions with ${WORKERS} workers`, () => {
  let plant;

  before(async () => {
    plant = await Plant.start({
      workers: WORKERS,
      drain: { timeout_s: 10, spread_s: SPREAD_S },
    });
  });
  after(() => plant?.stop());

  test("all see 1001 when the gateway is told to stop, exit 0", async () => {
    const browsers = [];
    await each(COUNT, AT_ONCE, async (i) => {
      const level = LEVELS[i % LEVELS.length];
      browsers.push(await plant.open({ level, session: { keepAlive: 0 } }));
    });
    const ends = browsers.map((one) => one.expectClose({ deadline: ENDS_MS }));
    plant.gateway.signal("SIGTERM");
    for (const [i, end] of ends.entries()) {
      const { code, reason, packets, rest } = await end;
      assert.deepEqual([code, reason, rest], [1001, "drain", 0]);
      const told = packets.map((one) => [one.type, one.code]);
      const first = browsers[i].level === 5 ? [["disconnect", 0x8b]] : [];
      assert.deepEqual(told, first);
    }
    const exit = await plant.gateway.ended({ deadline: ENDS_MS });
    assert.deepEqual(exit, { code: 0, signal: null });

    const lines = plant.gateway.lines.filter((line) =>
      /^session \S+ closed reason=drain /.test(line),
    );
    assert.equal(lines.length, COUNT);
    const workers = new Set(
      lines.map((line) => /^session w(\d+)/.exec(line)[1]),
    );
    assert.equal(workers.size, WORKERS, "each worker had some");
  });
});
