// SPDX-License-Identifier: Apache-2.0
// A ticket of any worker is good at every other one, of later generations
// too, and after a renewal; at another listener or gateway it is worth nothing,
// and costs no more than a whole handshake.
import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";

import { Clock } from "./fixtures/clock.mjs";
import { mqttRoute } from "./fixtures/config.mjs";
import { Folder } from "./fixtures/folder.mjs";
import { look, Pairs } from "./fixtures/pairs.mjs";
import { Plant } from "./fixtures/plant.mjs";
import { freePorts } from "./fixtures/ports.mjs";
import { throughout } from "./fixtures/processor.mjs";
import { until } from "./fixtures/wait.mjs";

const WORKERS = 3;
const DAY_S = 24 * 3600;
const JUMPED_MS = 2500; // the keys are looked at every second
const LOOKS = 16; // at a port, so that each worker is met
const VERSIONS = ["TLSv1.2", "TLSv1.3"];

let folder, pairs, ports, plant;

before(async () => {
  folder = await Folder.create();
  pairs = await Pairs.create(folder, "shown");
  ports = await freePorts(2);
  plant = await start();
});
after(async () => {
  await plant?.stop();
  await folder?.remove();
});

const start = (settings = {}) =>
  Plant.start({
    ...settings,
    workers: WORKERS,
    listeners: ports.map((port) => ({
      address: "127.0.0.1",
      port,
      tls: pairs.tls,
    })),
  });

const only = (version) => ({ minVersion: version, maxVersion: version });

async function ticketOf(version, port = ports[0]) {
  const seen = await look(port, { ...only(version), ticket: true });
  assert.ok(!seen.isResumed);
  return seen.session;
}

async function looksWith(version, session, port = ports[0]) {
  const seen = [];
  for (let i = 0; i < LOOKS; i++) {
    const { isResumed } = await look(port, { ...only(version), session });
    seen.push(isResumed);
  }
  return seen;
}

async function isGood(version, session) {
  const seen = await looksWith(version, session);
  assert.ok(seen.every((one) => one), `${seen}`);
}

async function isWorthNothing(version, session, port) {
  const seen = await looksWith(version, session, port);
  assert.ok(seen.every((one) => !one), `${seen}`);
}

async function replaceWorker(victim) {
  const from = plant.gateway.lines.length;
  process.kill(victim, "SIGKILL");
  await plant.gateway.line(/^error: worker died /, { from });
  await until(async () => {
    const now = await plant.gateway.workers();
    return now.length === WORKERS && !now.includes(victim);
  });
}

for (const version of VERSIONS) {
  describe(`${version}: a ticket`, () => {
    test("is good at every worker", async () => {
      await isGood(version, await ticketOf(version));
    });

    test("of the next generation as well", async () => {
      const session = await ticketOf(version);
      const path = `/more/${version}`;
      const routes = [mqttRoute(), mqttRoute({ path })];
      const line = await plant.reload({ routes });
      assert.match(line, /generation \d+ serves/);
      await isGood(version, session);
    });

    test("is good when another certificate is shown", async () => {
      const session = await ticketOf(version);
      for (const pair of [pairs.all[1], pairs.all[0]]) {
        await pairs.show(pair);
        const line = await plant.gateway.reloaded();
        assert.match(line, /certificates changed/);
        await isGood(version, session);
        await isGood(version, await ticketOf(version));
      }
    });

    test("is good when every worker has died", async () => {
      const session = await ticketOf(version);
      for (const worker of await plant.gateway.workers()) {
        await replaceWorker(worker);
      }
      await isGood(version, session);
      plant.workers = await plant.gateway.workers();
    });

    test("is worth nothing at another listener", async () => {
      await isWorthNothing(version, await ticketOf(version), ports[1]);
    });
  });
}

test("in TLS 1.3 there is another ticket each time", async () => {
  let session = await ticketOf("TLSv1.3");
  for (let i = 0; i < LOOKS; i++) {
    const seen = await look(ports[0], {
      ...only("TLSv1.3"),
      session,
      ticket: true,
    });
    assert.ok(seen.isResumed);
    assert.notDeepEqual(seen.session, session);
    session = seen.session;
  }
});

test("no ticket outlives the gateway", async () => {
  const sessions = [];
  for (const version of VERSIONS) sessions.push(await ticketOf(version));
  await plant.stop();
  plant = await start();
  for (const [i, version] of VERSIONS.entries()) {
    await isWorthNothing(version, sessions[i]);
    await isGood(version, await ticketOf(version));
  }
});

// Fault F15. A ticket is good for a day of the wall clock, a key for one of
// the clock that nobody sets.
describe("when the wall clock jumps", () => {
  let clock;
  const sessions = {};

  before(async () => {
    clock = await Clock.prepare(folder);
    await plant.stop();
    plant = await start({ env: clock.env });
    for (const version of VERSIONS) {
      sessions[version] = await ticketOf(version);
    }
  });
  after(() => clock?.stop());

  for (const [name, seconds] of [
    ["an hour forth", 3600],
    ["an hour back", -3600],
  ]) {
    test(`${name}: tickets of before are good`, async () => {
      await clock.shift(seconds);
      for (const version of VERSIONS) await isGood(version, sessions[version]);
    });
  }

  test("three days forth: new tickets are good", async () => {
    await clock.shift(3 * DAY_S);
    for (const version of VERSIONS) {
      await isWorthNothing(version, sessions[version]);
      await isGood(version, await ticketOf(version));
    }
  });

  test("right again: no key has changed for it", async () => {
    await clock.shift(3 * DAY_S);
    await throughout(JUMPED_MS, () => {});
    await clock.shift(0);
    for (const version of VERSIONS) await isGood(version, sessions[version]);
  });
});
