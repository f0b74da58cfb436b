// SPDX-License-Identifier: Apache-2.0
// Fault F26: a worker that does nothing any more is ended and replaced, whether
// it goes round for ever or does not run at all.
// Runs alone: it measures time.
import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { after, before, describe, test } from "node:test";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";

import { Admin } from "./fixtures/admin.mjs";
import { Crowd, workerOf } from "./fixtures/crowd.mjs";
import { Folder } from "./fixtures/folder.mjs";
import { Plant } from "./fixtures/plant.mjs";
import { freePort } from "./fixtures/ports.mjs";
import { until } from "./fixtures/wait.mjs";

const run = promisify(execFile);
const SOURCE = fileURLToPath(new URL("fixtures/hang.c", import.meta.url));
const WORKERS = 4;
const LEAST = 3; // sessions of each worker
const OLDEST_MS = 9000; // of a heartbeat, at which nobody is ended yet
const BACK_MS = 15000;
const SIGABRT = 6;
const SIGKILL = 9;

// What is stopped does not even see the first signal.
for (const [name, signal, by] of [
  ["hangs", "SIGUSR2", SIGABRT],
  ["is stopped", "SIGSTOP", SIGKILL],
]) {
  describe(`one of ${WORKERS} workers ${name}`, () => {
    let folder, plant, admin, crowd, from, stopped, start;

    before(async () => {
      folder = await Folder.create();
      const library = folder.at("hang.so");
      await run("cc", ["-shared", "-fPIC", "-o", library, SOURCE]);
      admin = new Admin(await freePort());
      plant = await Plant.start({
        workers: WORKERS,
        admin: admin.setting,
        release: true, // a sanitizer wants to be the first that is loaded
        env: { LD_PRELOAD: library },
      });
      crowd = await Crowd.gather({
        gateway: plant.gateway,
        open: (session) => plant.open({ session }),
        workers: WORKERS,
        least: LEAST,
      });
      for (const browser of crowd.browsers) await browser.subscribe("beat");
      from = plant.gateway.lines.length;
      [, , stopped] = plant.workers;
      process.kill(stopped, signal);
      start = performance.now();
    });
    after(async () => {
      crowd?.destroy();
      await plant?.stop();
      await folder?.remove();
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
      assert.ok(performance.now() - start > OLDEST_MS, "too early");
      const died = await plant.gateway.line(/^error: worker died/, { from });
      const what = `worker=${worker} pid=${stopped} by=signal code=${by}$`;
      assert.match(died, new RegExp(what));
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
      assert.ok(left.every((pid) => now.includes(pid)), `${now}, not ${left}`);
      assert.equal(now.length, WORKERS);
    });
  });
}
