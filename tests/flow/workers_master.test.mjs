// SPDX-License-Identifier: Apache-2.0
// Workers do not outlive the master, and their sessions are told so.
import assert from "node:assert/strict";
import { afterEach, beforeEach, describe, test } from "node:test";

import { Crowd } from "./fixtures/crowd.mjs";
import { Plant } from "./fixtures/plant.mjs";
import { isFree } from "./fixtures/ports.mjs";
import { isRunning } from "./fixtures/processor.mjs";
import { until } from "./fixtures/wait.mjs";

const WORKERS = 2;

describe("the master is killed", () => {
  let plant;

  beforeEach(async () => {
    plant = await Plant.start({ workers: WORKERS });
  });
  afterEach(async () => {
    await plant?.gateway?.kill(plant.workers);
    if (plant) plant.gateway = null;
    await plant?.stop();
  });

  const gather = () =>
    Crowd.gather({
      gateway: plant.gateway,
      open: (session) => plant.open({ level: 5, session }),
      workers: WORKERS,
      least: 5,
    });

  const workersEnd = (deadline) =>
    until(
      async () => {
        const running = await Promise.all(plant.workers.map(isRunning));
        return !running.includes(true);
      },
      { deadline, what: "the workers end" },
    );

  test("sessions get 1001 and the workers end", async () => {
    const { browsers } = await gather();
    plant.gateway.signal("SIGKILL");
    for (const browser of browsers) {
      const { code, reason, packets } = await browser.expectClose();
      assert.deepEqual([code, reason], [1001, "drain"]);
      const seen = packets.map((one) => [one.type, one.code]);
      assert.deepEqual(seen, [["disconnect", 0x8b]]);
      await browser.websocket.untilEnded();
    }
    await workersEnd(3000);
    await plant.wire.until(() => plant.wire.live === 0);
    assert.ok(await isFree(plant.port), "its port is free");
  });

  test("nobody can connect any more", async () => {
    const { browsers } = await gather();
    plant.gateway.signal("SIGKILL");
    await browsers[0].expectClose();
    await until(() => isFree(plant.port), { what: "a port without listener" });
    await assert.rejects(plant.arrive(), { code: "ECONNREFUSED" });
  });
});
