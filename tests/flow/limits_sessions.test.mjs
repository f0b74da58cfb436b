// SPDX-License-Identifier: Apache-2.0
// limits.sessions of a route: so many sessions over all workers, and who
// comes in addition is told to come again.
import assert from "node:assert/strict";
import { after, afterEach, before, describe, test } from "node:test";

import { Admin } from "./fixtures/admin.mjs";
import { mqttRoute } from "./fixtures/config.mjs";
import { Crowd } from "./fixtures/crowd.mjs";
import { Plant } from "./fixtures/plant.mjs";
import { freePort } from "./fixtures/ports.mjs";
import { until } from "./fixtures/wait.mjs";
import { handshake } from "./fixtures/websocket.mjs";

const WORKERS = 2;
const SESSIONS = 20;
const UPSTREAM = 'postern_upstream_connects_total{result="reached"}';
const REFUSED = 'postern_handshake_refused_total{reason="session_limit"}';

describe(`a route of ${SESSIONS} sessions`, () => {
  const browsers = []; // that hold the places
  let plant, admin;

  before(async () => {
    admin = new Admin(await freePort());
    plant = await Plant.start({
      workers: WORKERS,
      admin: admin.setting,
      routes: [
        mqttRoute({ limits: { sessions: SESSIONS } }),
        mqttRoute({ path: "/other" }),
      ],
    });
  });
  after(async () => {
    for (const browser of browsers) browser.destroy();
    await plant?.stop();
  });

  const value = async (sample) => (await admin.metrics()).value(sample);
  const sessions = async () => (await admin.metrics()).sum("postern_sessions");

  // The status that a handshake gets; a 101 is left at once.
  async function status(options = {}) {
    const answer = await handshake({ port: plant.port, ...options });
    answer.socket.destroy();
    return answer.status;
  }

  async function isFull() {
    const connects = await value(UPSTREAM);
    for (let i = 0; i < 5; i++) {
      const answer = await handshake({ port: plant.port });
      assert.equal(answer.status, 503, answer.line);
      assert.match(answer.get("retry-after"), /^[1-9]\d*$/);
      assert.equal(answer.body, "Try again later.\n");
      await answer.socket.untilEnded();
    }
    const line = /^warning: handshake refused reason=session_limit /;
    await plant.gateway.line(line); // not all are told
    assert.equal(await value(UPSTREAM), connects, "no upstream for these");
  }

  // Takes `count` places as they get free, without a CONNECT.
  async function fill(count) {
    const open = () => plant.arrive().catch(() => null);
    for (let i = 0; i < count; i++) browsers.push(await until(open));
  }

  test("has them over all workers", async () => {
    const open = (session) => plant.open({ session });
    const { gateway } = plant;
    const least = 1;
    const workers = WORKERS;
    const crowd = await Crowd.gather({ gateway, open, workers, least });
    browsers.push(...crowd.browsers);
    assert.equal(browsers.length, SESSIONS, "with both workers");
    await isFull();
  });

  test("counts each refusal", async () => {
    const before = await value(REFUSED);
    assert.equal(await status(), 503);
    assert.equal(await value(REFUSED), before + 1);
  });

  test("refuses for this only who would have come in", async () => {
    assert.equal(await status({ origin: "http://evil.test" }), 403);
    assert.equal(await status({ protocol: "nonsense" }), 400);
    assert.equal(await status({ host: "evil.test" }), 421);
    assert.equal(await status({ target: "/nowhere" }), 404);
    assert.equal(await status(), 503);
  });

  test("leaves another route alone", async () => {
    assert.equal(await status({ target: "/other" }), 101);
  });

  test("has a place for each that leaves", async () => {
    for (const browser of browsers.splice(0, 3)) await browser.leave();
    await fill(3);
    await isFull();
  });

  test("has a place for each that vanishes, before CONNECT too", async () => {
    for (const browser of browsers.splice(-6)) browser.destroy();
    await fill(6);
    await isFull();
  });

  test("has the places of a worker that was killed", async () => {
    const { gateway, workers } = plant;
    await until(async () => (await sessions()) === SESSIONS);
    process.kill(workers[0], "SIGKILL");
    await gateway.line(/^error: worker died/);
    const left = await sessions();
    assert.ok(left > 0 && left < SESSIONS, `${left} sessions are left`);
    await until(async () => (await gateway.workers()).length === WORKERS);
    await fill(SESSIONS - left);
    await isFull();
    assert.equal(await sessions(), SESSIONS);
  });
});

describe("many that come at once", () => {
  const ROUNDS = 10;
  let plant, idle;

  before(async () => {
    const route = { limits: { sessions: SESSIONS } };
    plant = await Plant.start({ workers: WORKERS, route });
    idle = await plant.gateway.descriptors();
  });
  after(() => plant?.stop());
  afterEach(() => assert.equal(plant.wire.connections, 0));

  for (let round = 1; round <= ROUNDS; round++) {
    test(`get all places and none in addition (${round})`, async () => {
      const coming = Array.from({ length: SESSIONS * 3 }, () =>
        handshake({ port: plant.port }),
      );
      const answers = await Promise.all(coming);
      const count = (status) =>
        answers.filter((one) => one.status === status).length;
      assert.deepEqual([count(101), count(503)], [SESSIONS, SESSIONS * 2]);
      for (const { socket } of answers) socket.destroy();
      const isOver = async () => (await plant.gateway.descriptors()) <= idle;
      await until(isOver, { what: "the end of all" });
    });
  }
});
