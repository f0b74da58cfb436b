// SPDX-License-Identifier: Apache-2.0
// handshakes_per_s_per_address of a listener: how fast connections of one
// address may come, over all workers.
// Runs alone: it measures time.
import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";

import { Doors } from "./fixtures/doors.mjs";
import { plainHead, readAnswer } from "./fixtures/request.mjs";
import { Socket } from "./fixtures/socket.mjs";
import { until } from "./fixtures/wait.mjs";
import { handshake } from "./fixtures/websocket.mjs";

const WORKERS = 2;
const PER_S = 5;
const TRIES = 40;
const UPSTREAM = 'postern_upstream_connects_total{result="reached"}';
const REFUSED = 'postern_handshake_refused_total{reason="handshake_rate"}';

describe(`a listener of ${PER_S} handshakes a second and address`, () => {
  let doors, plant, securePort;

  before(async () => {
    doors = await Doors.start({
      workers: WORKERS,
      listener: { handshakes_per_s_per_address: PER_S },
    });
    ({ plant, securePort } = doors);
  });
  after(() => doors?.stop());

  const value = (sample) => doors.value(sample);
  const refused = () => value(REFUSED);

  // How many of TRIES, at once, come in, and how many may, by the clock.
  async function storm(comes) {
    const start = performance.now();
    const came = await Promise.all(Array.from({ length: TRIES }, comes));
    const seconds = (performance.now() - start) / 1000;
    const most = Math.ceil(PER_S * (1 + seconds)) + 1;
    return { count: came.filter(Boolean).length, most };
  }

  async function comes(options = {}) {
    const answer = await handshake({ port: plant.port, ...options });
    answer.socket.destroy();
    if (answer.status === 101) return true;
    assert.equal(answer.status, 429, answer.line);
    assert.match(answer.get("retry-after"), /^[1-9]\d*$/);
    return false;
  }

  test("takes a second's worth at once and no more", async () => {
    const { count, most } = await storm(() => comes());
    assert.ok(count >= PER_S && count <= most, `${count}, at most ${most}`);
    assert.equal(await refused(), TRIES - count);
    await plant.gateway.line(
      /^warning: handshake refused reason=handshake_rate from="?127\.0\.0\.1:/,
    );
    assert.equal(await value(UPSTREAM), 0, "no upstream");
  });

  test("takes those of another address all the same", async () => {
    assert.equal(await comes({ from: "127.0.0.3" }), true);
  });

  test("takes the next after a while", async () => {
    await until(() => comes(), { deadline: 1000, what: "one more" });
  });

  test("counts requests for pages too", async () => {
    const page = async () => {
      const socket = await Socket.open({ port: plant.port, from: "127.0.0.4" });
      socket.write(plainHead({ port: plant.port }));
      const { status } = await readAnswer(socket);
      socket.destroy();
      return status === 426;
    };
    const { count, most } = await storm(page);
    assert.ok(count >= PER_S && count <= most, `${count}, at most ${most}`);
  });

  test("closes the rest at accept where TLS is spoken", async () => {
    const before = await refused();
    const sockets = [];
    const stays = async () => {
      const socket = await Socket.open({ port: securePort, from: "127.0.0.5" });
      sockets.push(socket);
      return true;
    };
    await storm(stays);
    await until(async () => (await refused()) > before);
    const closed = (await refused()) - before;
    assert.ok(closed >= TRIES - PER_S * 3, `${closed} were closed`);
    const gone = () => sockets.filter(({ ended }) => ended).length;
    await until(() => gone() >= closed, { what: "the end of those" });
    assert.ok(gone() <= TRIES - PER_S, "a second's worth stays");
    sockets.forEach((socket) => socket.destroy());
  });
});
