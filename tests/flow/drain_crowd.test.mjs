// SPDX-License-Identifier: Apache-2.0
// SIGTERM with many sessions on several workers, of now and of before a
// reload: each of them is told.
// Runs alone: it is a crowd.
import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";

import { mqttRoute } from "./fixtures/config.mjs";
import { LEVELS } from "./fixtures/packets.mjs";
import { Plant } from "./fixtures/plant.mjs";
import { welcome } from "./fixtures/scripted_broker.mjs";
import { each } from "./fixtures/wait.mjs";

const COUNT = 2000;
const DESCRIPTORS = 2 * COUNT + 500; // of the one that has most of them
const WORKERS = 2;
const GENERATIONS = 2;
const AT_ONCE = 20;
const SPREAD_S = 1;
const TIMEOUT_S = 30;
const ENDS_MS = TIMEOUT_S * 1000;
const further = mqttRoute({ path: "/further" });

describe(`${COUNT} sessions with ${GENERATIONS} times ${WORKERS} workers`, () => {
  let plant;

  before(async () => {
    plant = await Plant.start({
      workers: WORKERS,
      script: welcome(),
      wrap: ["prlimit", `--nofile=${DESCRIPTORS}`],
      drain: { timeout_s: TIMEOUT_S, spread_s: SPREAD_S },
    });
  });
  after(() => plant?.stop());

  test("all see 1001 when the gateway is told to stop, exit 0", async () => {
    const browsers = [];
    const half = COUNT / GENERATIONS;
    for (let i = 0; i < GENERATIONS; i++) {
      if (i > 0) await plant.reload({ routes: [mqttRoute(), further] });
      await each(half, AT_ONCE, async (k) => {
        const level = LEVELS[k % LEVELS.length];
        browsers.push(await plant.open({ level, session: { keepAlive: 0 } }));
      });
    }
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

    // Of so many ends the log may drop lines, so that nobody waits for it.
    const opened = plant.gateway.lines.filter((x) => / opened /.test(x));
    const workers = new Set(
      opened.map((line) => /^session w(\d+)/.exec(line)[1]),
    );
    assert.equal(workers.size, WORKERS * GENERATIONS, "all had some");
    assert.doesNotMatch(plant.gateway.lines.join("\n"), /too long/);
  });
});
