// SPDX-License-Identifier: Apache-2.0
// A worker that dies takes its own sessions along and nothing else: the
// others do not notice, and another one is there at once.
import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";

import { Admin } from "./fixtures/admin.mjs";
import { Client } from "./fixtures/client.mjs";
import { Crowd, workerOf } from "./fixtures/crowd.mjs";
import { Plant } from "./fixtures/plant.mjs";
import { freePort } from "./fixtures/ports.mjs";
import { until } from "./fixtures/wait.mjs";

const WORKERS = 4;
const LEAST = 25; // sessions of each worker
const LANES = 4; // of newcomers
const BACK_MS = 1000;
const AFTER_BEATS = 20; // that are sent after the new worker serves
const BEAT_MS = 20;
const PROBES = 1; // the gateway's own look at the broker stays

for (const signal of ["SIGKILL", "SIGSEGV"]) {
  describe(`one of ${WORKERS} workers dies of ${signal}`, () => {
    const newcomers = []; // { start, end, error, worker }
    let plant, admin, device, crowd, died, counted, killedAt, deadAt;
    let beats = 0;

    before(async () => {
      admin = new Admin(await freePort());
      plant = await Plant.start({
        release: signal !== "SIGKILL", // a sanitizer would catch the signal
        workers: WORKERS,
        admin: admin.setting,
      });
      device = await Client.open(plant.brokerUrl);
      const open = (session) => plant.open({ session });
      const { gateway } = plant;
      crowd = await Crowd.gather({
        gateway,
        open,
        workers: WORKERS,
        least: LEAST,
      });
      const subscribed = crowd.browsers.map((one) => one.subscribe("beat"));
      await Promise.all(subscribed);
      counted = await admin.metrics();
      await happen();
    });
    after(async () => {
      crowd?.destroy();
      await device?.end();
      await plant?.stop();
    });

    async function happen() {
      let isOver = false;
      const beating = setInterval(
        () => device.mqtt.publish("beat", String(beats++)),
        BEAT_MS,
      );
      const lanes = Array.from({ length: LANES }, () => come(() => isOver));
      const come3 = () => newcomers.length >= LANES * 3;
      await until(come3, { what: "newcomers before the death" });

      const [, victim] = plant.workers;
      process.kill(victim, signal);
      killedAt = performance.now();
      const line = await plant.gateway.line(/^error: worker died/);
      deadAt = performance.now();
      died = Number(/\bworker=(\d+)/.exec(line)[1]);
      assert.match(line, new RegExp(`\\bpid=${victim}\\b`));

      const served = () => newcomers.some((one) => one.worker > WORKERS);
      await until(served, { what: "a newcomer with the new worker" });
      const enough = beats + AFTER_BEATS;
      await until(() => beats >= enough, { what: "beats afterwards" });
      isOver = true;
      clearInterval(beating);
      await Promise.all(lanes);
      await device.publish("beat", "last");
    }

    // Connects again and again, without a pause.
    async function come(isOver) {
      while (!isOver()) {
        const clientId = `new-${newcomers.length}-${performance.now() | 0}`;
        const newcomer = { start: performance.now(), error: null, worker: 0 };
        newcomers.push(newcomer);
        try {
          const browser = await plant.open({ session: { clientId } });
          newcomer.end = performance.now();
          newcomer.worker = await workerOf(plant.gateway, clientId);
          await browser.leave();
        } catch (error) {
          newcomer.end ??= performance.now();
          newcomer.error = error;
        }
      }
    }

    test("its own sessions end", async () => {
      for (const browser of crowd.of(died)) {
        await browser.websocket.untilEnded();
      }
    });

    test("the sessions of the others go on without a gap", async () => {
      const others = crowd.except(died);
      assert.ok(others.length >= LEAST * (WORKERS - 1));
      for (const browser of others) {
        for (let i = 0; i < beats; i++) {
          const { payload } = await browser.message();
          assert.equal(payload.toString(), String(i));
        }
        const { payload } = await browser.message();
        assert.equal(payload.toString(), "last");
      }
    });

    test("the other processes are the same as before", async () => {
      const now = await plant.gateway.workers();
      const same = plant.workers.filter((pid) => now.includes(pid));
      assert.deepEqual([now.length, same.length], [WORKERS, WORKERS - 1]);
    });

    test("who comes after the death gets a session, nobody an error", () => {
      const late = newcomers.filter(({ start }) => start > deadAt);
      assert.ok(late.length >= LANES * 3, `${late.length} newcomers`);
      const refused = newcomers.filter(({ error }) => error);
      const inFlight = refused.filter(
        ({ start, end }) => start < deadAt && end > killedAt,
      );
      assert.deepEqual(refused, inFlight, "only handshakes of the dead worker");
      assert.ok(refused.length <= LANES, `${refused.length} were refused`);
    });

    test("a new worker serves within a second", () => {
      const served = newcomers.filter(({ worker }) => worker > WORKERS);
      const first = Math.min(...served.map(({ end }) => end));
      const took = first - killedAt;
      assert.ok(took < BACK_MS, `${took} ms`);
      const waited = newcomers.map(({ start, end }) => end - start);
      assert.ok(Math.max(...waited) < BACK_MS, `${Math.max(...waited)} ms`);
    });

    test("numbers of workers are not used again", () => {
      const numbers = new Set(newcomers.map(({ worker }) => worker));
      numbers.delete(0);
      assert.ok([...numbers].every((n) => n <= WORKERS + 1));
    });

    test("the log has one line about it", () => {
      const lines = plant.gateway.lines.filter((x) => x.includes("died"));
      assert.equal(lines.length, 1, lines.join("\n"));
      assert.match(lines[0], /^error: worker died .*by=signal code=(9|11)$/);
    });

    test("the metrics count it, and no counter falls", async () => {
      const now = await admin.metrics();
      assert.equal(now.value("postern_worker_restarts_total"), 1);
      assert.equal(counted.value("postern_worker_restarts_total"), 0);
      for (const [sample, value] of counted.counters) {
        assert.ok(now.value(sample) >= value, `${sample} fell`);
      }
    });

    test("the metrics count no session of the dead any more", async () => {
      const left = crowd.except(died).length;
      await until(
        async () => (await admin.metrics()).sum("postern_sessions") === left,
        { what: `${left} sessions` },
      );
    });

    test("its upstream connections are closed", async () => {
      const left = crowd.except(died).length + PROBES;
      await plant.wire.until(() => plant.wire.live === left, {
        what: `${left} connections to the broker`,
      });
    });
  });
}

describe("workers that die right after one another", () => {
  const MANY = 16;
  let plant, admin;

  before(async () => {
    admin = new Admin(await freePort());
    plant = await Plant.start({ workers: MANY, admin: admin.setting });
  });
  after(() => plant?.stop());

  for (let round = 1; round <= 3; round++) {
    test(`are all replaced (${round})`, async () => {
      for (const pid of await plant.gateway.workers()) {
        process.kill(pid, "SIGKILL");
        spin(0.2); // so that one is reaped while another dies
      }
      const restarts = MANY * round;
      const isBack = async () => {
        const now = await admin.metrics();
        return (
          now.value("postern_worker_restarts_total") === restarts &&
          now.value("postern_workers_accepting") === MANY
        );
      };
      await until(isBack, { deadline: 4000, what: `${MANY} workers` });
    });
  }

  function spin(ms) {
    const end = performance.now() + ms;
    while (performance.now() < end);
  }
});

describe("a worker that dies again and again", () => {
  let plant;

  before(async () => {
    plant = await Plant.start();
  });
  after(() => plant?.stop());

  test("is replaced each time, later and later", async () => {
    const waits = [];
    for (let i = 0; i < 4; i++) {
      const [pid] = await plant.gateway.workers();
      const from = plant.gateway.lines.length;
      process.kill(pid, "SIGKILL");
      await plant.gateway.line(/^error: worker died/, { from });
      const start = performance.now();
      await until(async () => (await plant.gateway.workers()).length === 1);
      waits.push(performance.now() - start);
    }
    assert.ok(waits[0] < BACK_MS, `the first took ${waits[0]} ms`);
    assert.ok(waits[3] > waits[1] * 2, `pauses: ${waits.join(", ")} ms`);
    const browser = await plant.open();
    await browser.leave();
  });
});
