// SPDX-License-Identifier: Apache-2.0
// A worker that does nothing any more is ended and replaced.
import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";

import { Admin } from "./fixtures/admin.mjs";
import { Crowd, workerOf } from "./fixtures/crowd.mjs";
import { Plant } from "./fixtures/plant.mjs";
import { freePort } from "./fixtures/ports.mjs";
import { until } from "./fixtures/wait.mjs";

const WORKERS = 4;
const LEAST = 3; // sessions of each worker
const BACK_MS = 15000;

describe(`one of ${WORKERS} workers hangs`, () => {
  let plant, admin, crowd, from, stopped, start;

  before(async () => {
    admin = new Admin(await freePort());
    plant = await Plant.start({ workers: WORKERS, admin: admin.setting });
    crowd = await Crowd.gather({
      gateway: plant.gateway,
      open: (session) => plant.open({ session }),
      workers: WORKERS,
      least: LEAST,
    });
    for (const browser of crowd.browsers) await browser.subscribe("beat");
    from = plant.gateway.lines.length;
    [, , stopped] = plant.workers;
    process.kill(stopped, "SIGSTOP");
    start = performance.now();
  });
  after(async () => {
    crowd?.destroy();
    await plant?.stop();
  });

  // Until the worker is gone, all sessions of the others get each message.
  test("the others live, and it is killed within 15 seconds", async () => {
    const worker = plant.workers.indexOf(stopped) + 1; // in order of forks
    const others = crowd.except(worker);
    const isGone = () => plant.gateway.lines.some((x) => x.includes("died"));
    for (let beat = 0; beat < 2 || !isGone(); beat++) {
      const payload = `beat ${beat}`;
      others[0].publish("beat", payload);
      for (const one of others) {
        const message = await one.message({ deadline: 2000 });
        assert.equal(message.payload.toString(), payload);
      }
      assert.ok(performance.now() - start < BACK_MS, "still there");
    }
    await plant.gateway.line(/^error: worker hangs/, { from });
    const died = await plant.gateway.line(/^error: worker died/, { from });
    assert.match(died, new RegExp(`worker=${worker} pid=${stopped}\\b`));
    for (const one of crowd.of(worker)) await one.websocket.untilEnded();
  });

  test("another one serves within 15 seconds of the stop", async () => {
    const serves = async () => {
      const clientId = `late-${performance.now() | 0}`;
      const browser = await plant.open({ session: { clientId } });
      await browser.leave();
      return (await workerOf(plant.gateway, clientId)) > WORKERS;
    };
    await until(serves, { what: "a session with the new worker" });
    assert.ok(performance.now() - start < BACK_MS);
    const metrics = await admin.metrics();
    assert.equal(metrics.value("postern_worker_restarts_total"), 1);
  });

  test("only it was replaced", async () => {
    const now = await plant.gateway.workers();
    const left = plant.workers.filter((pid) => pid !== stopped);
    assert.deepEqual(now.slice(0, -1), left);
    assert.equal(now.length, WORKERS);
  });
});
