// SPDX-License-Identifier: Apache-2.0
// limits.sessions_per_address of a route: so many sessions of one address
// over all workers; others do not feel it.
import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";

import { Admin } from "./fixtures/admin.mjs";
import { mqttRoute } from "./fixtures/config.mjs";
import { Crowd } from "./fixtures/crowd.mjs";
import { Folder } from "./fixtures/folder.mjs";
import { Plant } from "./fixtures/plant.mjs";
import { freePort } from "./fixtures/ports.mjs";
import { until } from "./fixtures/wait.mjs";
import { handshake } from "./fixtures/websocket.mjs";

const WORKERS = 2;
const SESSIONS = 20;
const UPSTREAM = 'postern_upstream_connects_total{result="reached"}';
const REFUSED =
  'postern_handshake_refused_total{reason="address_limit"}';
const ONE = "127.0.0.1";
const OTHER = "127.0.0.2";

describe(`a route of ${SESSIONS} sessions an address`, () => {
  const browsers = []; // of ONE, that hold the places
  let plant, folder, admin, path;

  before(async () => {
    folder = await Folder.create();
    path = folder.at("ws.sock");
    admin = new Admin(await freePort());
    const port = await freePort();
    plant = await Plant.start({
      workers: WORKERS,
      admin: admin.setting,
      listeners: [{ address: "127.0.0.1", port }, { unix: path }],
      routes: [
        mqttRoute({ limits: { sessions_per_address: SESSIONS } }),
        mqttRoute({ path: "/other", limits: { sessions_per_address: 1 } }),
      ],
    });
    plant.port = port;
  });
  after(async () => {
    for (const browser of browsers) browser.destroy();
    await plant?.stop();
    await folder?.remove();
  });

  const value = async (sample) => (await admin.metrics()).value(sample);
  const sessions = async () => (await admin.metrics()).sum("postern_sessions");

  async function status(options = {}) {
    const answer = await handshake({ port: plant.port, ...options });
    answer.socket.destroy();
    return answer.status;
  }

  async function isFull(from) {
    const connects = await value(UPSTREAM);
    for (let i = 0; i < 5; i++) {
      const answer = await handshake({ port: plant.port, from });
      assert.equal(answer.status, 429, answer.line);
      assert.match(answer.get("retry-after"), /^[1-9]\d*$/);
      assert.equal(answer.body, "Too many requests.\n");
      await answer.socket.untilEnded();
    }
    assert.equal(await value(UPSTREAM), connects, "no upstream for these");
  }

  // Takes `count` places as they get free, without a CONNECT.
  async function fill(count, options) {
    const open = () => plant.arrive(options).catch(() => null);
    const taken = [];
    while (taken.length < count) taken.push(await until(open));
    return taken;
  }

  test("has them over all workers", async () => {
    const open = (session) => plant.open({ session, from: ONE });
    const { gateway } = plant;
    const least = 1;
    const workers = WORKERS;
    const crowd = await Crowd.gather({ gateway, open, workers, least });
    browsers.push(...crowd.browsers);
    assert.equal(browsers.length, SESSIONS, "with both workers");
    await isFull(ONE);
    await gateway.line(
      /^warning: handshake refused reason=address_limit from="?127\.0\.0\.1:/,
    );
    assert.equal(await value(REFUSED), 5);
  });

  test("refuses for this only who would have come in", async () => {
    assert.equal(await status({ origin: "http://evil.test" }), 403);
    assert.equal(await status({ target: "/nowhere" }), 404);
    assert.equal(await status(), 429);
  });

  test("has as many for another address", async () => {
    const others = await fill(SESSIONS, { from: OTHER });
    await isFull(OTHER);
    for (const browser of others) browser.destroy();
  });

  test("has no limit for those who have no address", async () => {
    const local = await fill(SESSIONS + 5, { path, host: "localhost" });
    for (const browser of local) browser.destroy();
  });

  test("does not count sessions of another route", async () => {
    const other = await plant.arrive({ target: "/other" });
    assert.equal(await status({ target: "/other" }), 429);
    other.destroy();
    const comes = async () => (await status({ target: "/other" })) === 101;
    await until(comes, { what: "a place again" });
  });

  test("has a place for each that leaves", async () => {
    for (const browser of browsers.splice(0, 3)) await browser.leave();
    browsers.push(...(await fill(3)));
    await isFull(ONE);
  });

  test("has the places of a worker that was killed", async () => {
    const { gateway, workers } = plant;
    await until(async () => (await sessions()) === SESSIONS);
    process.kill(workers[0], "SIGKILL");
    await gateway.line(/^error: worker died/);
    const left = await sessions();
    assert.ok(left > 0 && left < SESSIONS, `${left} sessions are left`);
    await until(async () => (await gateway.workers()).length === WORKERS);
    browsers.push(...(await fill(SESSIONS - left)));
    await isFull(ONE);
  });
});

test("a place that is refused for its address is free for others", async () => {
  const route = { limits: { sessions: 3, sessions_per_address: 2 } };
  const plant = await Plant.start({ workers: WORKERS, route });
  const browsers = [];
  try {
    const { port } = plant;
    for (let i = 0; i < 2; i++) browsers.push(await plant.arrive());
    for (let i = 0; i < 5; i++) {
      const answer = await handshake({ port });
      assert.equal(answer.status, 429, answer.line);
      answer.socket.destroy();
    }
    browsers.push(await plant.arrive({ from: OTHER }));
    const answer = await handshake({ port, from: OTHER });
    assert.equal(answer.status, 503, answer.line);
    answer.socket.destroy();
  } finally {
    for (const browser of browsers) browser.destroy();
    await plant.stop();
  }
});
