// SPDX-License-Identifier: Apache-2.0
// connections_per_address of a listener: so many open connections of one
// address over all workers; who comes in addition costs next to nothing.
import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";

import { Doors } from "./fixtures/doors.mjs";
import { head, plainHead, readAnswer } from "./fixtures/request.mjs";
import { Socket } from "./fixtures/socket.mjs";
import { each, until } from "./fixtures/wait.mjs";
import { handshake } from "./fixtures/websocket.mjs";

const WORKERS = 2;
const CONNECTIONS = 8;
const OTHER = "127.0.0.2";
const ANSWERS = 256; // a worker, that may be waited for
const TIMEOUT_MS = 2000;
const UPSTREAM = 'postern_upstream_connects_total{result="reached"}';
const REFUSED = 'postern_handshake_refused_total{reason="address_limit"}';

describe(`a listener of ${CONNECTIONS} connections an address`, () => {
  let doors, plant, ca, securePort;

  before(async () => {
    doors = await Doors.start({
      workers: WORKERS,
      listener: {
        connections_per_address: CONNECTIONS,
        header_timeout_ms: TIMEOUT_MS,
      },
    });
    ({ plant, ca, securePort } = doors);
  });
  after(() => doors?.stop());

  const value = (sample) => doors.value(sample);
  const refused = () => value(REFUSED);

  // Takes all places at once, as soon as all are free; gives the sockets.
  async function fill(options = {}) {
    const sockets = [];
    while (sockets.length < CONNECTIONS) {
      const comes = async () => {
        const answer = await handshake({ port: plant.port, ...options });
        if (answer.status === 101) return answer.socket;
        answer.socket.destroy();
        return null;
      };
      sockets.push(await until(comes, { what: "a place" }));
    }
    return sockets;
  }

  async function tooMany(bytes) {
    const socket = await Socket.open({ port: plant.port });
    socket.write(bytes);
    const answer = await readAnswer(socket);
    assert.equal(answer.status, 429, answer.line);
    assert.match(answer.get("retry-after"), /^[1-9]\d*$/);
    await socket.untilEnded();
  }

  describe("that are all there", () => {
    let sockets;

    before(async () => {
      sockets = await fill();
    });
    after(() => sockets.forEach((socket) => socket.destroy()));

    test("answers 429 to one more, whatever it asks", async () => {
      const { port } = plant;
      const before = await refused();
      const from = plant.gateway.lines.length;
      const answer = await handshake({ port });
      assert.equal(answer.status, 429, answer.line);
      answer.socket.destroy();
      const evil = await handshake({ port, origin: "http://evil.test" });
      assert.equal(evil.status, 429, evil.line);
      evil.socket.destroy();
      await tooMany(plainHead({ port }));
      await tooMany(plainHead({ port, target: "/nowhere" }));
      await tooMany(head("GET /mqtt HTTP/1.1", ["Host: evil.test"]));
      assert.equal(await refused(), before + 5);
      const line = /^warning: handshake refused reason=address_limit from=/;
      await plant.gateway.line(line, { from });
      assert.equal(await value(UPSTREAM), 0, "no upstream");
    });

    test("answers another address", async () => {
      const others = await fill({ from: OTHER });
      others.forEach((socket) => socket.destroy());
    });

    test("counts those of another listener for themselves", async () => {
      const { port } = plant;
      plant.port = securePort;
      const others = await fill({ secure: { ca } });
      plant.port = port;
      others.forEach((socket) => socket.destroy());
    });

    test("does not wait long for a request that is refused", async () => {
      const idle = await plant.gateway.descriptors();
      const silent = [];
      const most = ANSWERS * WORKERS;
      for (let i = 0; i < most + 50; i++) {
        silent.push(await Socket.open({ port: plant.port }));
      }
      const held = (await plant.gateway.descriptors()) - idle;
      assert.ok(held <= most, `${held} descriptors held`);
      assert.ok(held > ANSWERS / 2, `${held} descriptors held`);
      const left = () => silent.filter(({ ended }) => !ended).length;
      await until(() => left() <= most, { what: "the end of the rest" });
      await until(() => left() === 0, { deadline: TIMEOUT_MS * 3 });
      assert.equal(await plant.gateway.descriptors(), idle);
      const { status, socket } = await handshake({ port: plant.port });
      assert.equal(status, 429);
      socket.destroy();
    });

    test("spends little on a flood, and no line for each", async () => {
      const COUNT = 2000;
      const lines = plant.gateway.lines.length;
      const before = await refused();
      const start = performance.now();
      await each(COUNT, 20, async () => {
        (await Socket.open({ port: plant.port })).destroy();
      });
      await until(async () => (await refused()) === before + COUNT);
      const seconds = Math.ceil((performance.now() - start) / 1000) + 1;
      const written = plant.gateway.lines.length - lines;
      assert.ok(written <= 2 * WORKERS * seconds, `${written} lines`);
    });
  });

  test("has a place for each that closes", async () => {
    const sockets = await fill();
    sockets.pop().destroy();
    sockets.pop().destroy();
    const comes = async () => {
      const answer = await handshake({ port: plant.port });
      if (answer.status === 101) return sockets.push(answer.socket);
      return answer.socket.destroy();
    };
    await until(comes, { what: "a place" });
    await until(comes, { what: "a place" });
    assert.equal((await handshake({ port: plant.port })).status, 429);
    sockets.forEach((socket) => socket.destroy());
  });

  test("counts those that ask for nothing", async () => {
    const isIdle = async () => {
      const answer = await handshake({ port: plant.port });
      answer.socket.destroy();
      return answer.status === 101;
    };
    await until(isIdle, { what: "a place" });
    const silent = [];
    const isFull = async () => {
      silent.push(await Socket.open({ port: plant.port }));
      const answer = await handshake({ port: plant.port });
      answer.socket.destroy();
      return answer.status === 429;
    };
    await until(isFull, { what: "the limit" });
    assert.ok(silent.length <= CONNECTIONS, `${silent.length} connections`);
    silent.forEach((socket) => socket.destroy());
  });

  test("closes one more at accept where TLS is spoken", async () => {
    const { port } = plant;
    plant.port = securePort;
    const sockets = await fill({ secure: { ca } });
    const before = await refused();
    const spent = await plant.gateway.spent();
    for (let i = 0; i < 20; i++) {
      const late = await Socket.open({ port: securePort });
      await late.untilEnded();
      assert.equal(late.bytes.length, 0, "not a byte of TLS");
    }
    await assert.rejects(handshake({ port: securePort, secure: { ca } }));
    assert.equal(await refused(), before + 21);
    assert.ok((await plant.gateway.spent()) - spent < 200);
    plant.port = port;
    sockets.forEach((socket) => socket.destroy());
  });

  test("has the places of a worker that was killed", async () => {
    const sockets = await fill();
    for (const pid of await plant.gateway.workers()) {
      process.kill(pid, "SIGKILL");
    }
    for (const socket of sockets) await socket.untilEnded();
    const again = await fill();
    assert.equal((await handshake({ port: plant.port })).status, 429);
    again.forEach((socket) => socket.destroy());
  });
});
