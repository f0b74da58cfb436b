// SPDX-License-Identifier: Apache-2.0
// Requests that are too slow, too large or no HTTP at all are closed, and
// nobody else feels it.
import assert from "node:assert/strict";
import { randomBytes } from "node:crypto";
import { after, afterEach, before, describe, test } from "node:test";

import { Plant } from "./fixtures/plant.mjs";
import { handshakeHead, head, readAnswer } from "./fixtures/request.mjs";
import { Socket } from "./fixtures/socket.mjs";
import { handshake } from "./fixtures/websocket.mjs";

const TIMEOUT_MS = 1000;
const LATE_MS = 3000;

describe("a request", () => {
  let plant;

  before(async () => {
    const header_timeout_ms = TIMEOUT_MS;
    plant = await Plant.start({ listener: { header_timeout_ms } });
    await plant.unaffected();
  });
  after(() => plant?.stop({ hostile: true }));
  afterEach(async () => {
    await plant.unaffected();
    assert.equal(plant.wire.connections, 1, "only the bystander's connection");
  });

  // Ends between the timeout and a little later.
  async function endsInTime(socket, start) {
    await socket.untilEnded({ deadline: LATE_MS });
    const took = performance.now() - start;
    assert.ok(took > TIMEOUT_MS * 0.8, `closed after ${took} ms`);
    assert.doesNotMatch(socket.bytes.toString("latin1"), /^HTTP\/1\.. (101|2)/);
  }

  test("that never begins is closed at the timeout", async () => {
    const start = performance.now();
    const socket = await Socket.open({ port: plant.port });
    await endsInTime(socket, start);
  });

  test("that trickles is closed at the timeout all the same", async () => {
    const bytes = handshakeHead({ port: plant.port });
    const start = performance.now();
    const socket = await Socket.open({ port: plant.port });
    let at = 0;
    const timer = setInterval(
      () => socket.write(bytes.subarray(at, ++at)),
      100,
    );
    try {
      await endsInTime(socket, start);
    } finally {
      clearInterval(timer);
    }
  });

  test("that lacks its last line is closed at the timeout", async () => {
    const bytes = handshakeHead({ port: plant.port });
    const start = performance.now();
    const socket = await Socket.open({ port: plant.port });
    socket.write(bytes.subarray(0, -2));
    await endsInTime(socket, start);
  });

  test("with a line without a colon is never answered 101", async () => {
    const socket = await Socket.open({ port: plant.port });
    socket.write(handshakeHead({ port: plant.port, more: ["nonsense"] }));
    const { status } = await readAnswer(socket);
    assert.notEqual(status, 101);
    await socket.untilEnded({ deadline: LATE_MS });
  });

  test("with a folded line is never answered 101 for the fold", async () => {
    const socket = await Socket.open({ port: plant.port });
    const origin = "http://evil.test\r\n http://allowed.test";
    socket.write(handshakeHead({ port: plant.port, origin }));
    const { status } = await readAnswer(socket);
    assert.notEqual(status, 101);
    await socket.untilEnded({ deadline: LATE_MS });
  });

  test("that is half there does not hold up others", async () => {
    const half = handshakeHead({ port: plant.port }).subarray(0, 40);
    const sockets = await Promise.all(
      Array.from({ length: 100 }, () => Socket.open({ port: plant.port })),
    );
    sockets.forEach((socket) => socket.write(half));
    const start = performance.now();
    const answer = await handshake({ port: plant.port });
    assert.equal(answer.status, 101);
    assert.ok(performance.now() - start < TIMEOUT_MS, "answered at once");
    answer.socket.destroy();
    sockets.forEach((socket) => socket.destroy());
  });

  describe("that is too large is closed", () => {
    const large = "x".repeat(17 * 1024);
    const cases = {
      "one line of 17 KiB": { more: [`X-Large: ${large}`] },
      "a thousand lines": {
        more: Array.from({ length: 1000 }, (_, i) => `X-Line-${i}: ${i}ab`),
      },
      "a path of 17 KiB": { target: `/${large}` },
      "a query of 17 KiB": { target: `/mqtt?${large}` },
      "a name of 17 KiB": { more: [`${large}: 1`] },
      "an Origin of 17 KiB": { origin: `http://${large}` },
    };

    for (const [name, options] of Object.entries(cases)) {
      test(name, async () => {
        const answer = await handshake({ port: plant.port, ...options });
        assert.ok(
          [0, 400, 403, 404, 414, 431].includes(answer.status),
          answer.line,
        );
        await answer.socket.untilEnded();
      });
    }
  });

  test("with 12 KiB of cookies is within the limit", async () => {
    const cookie = `Cookie: c=${"x".repeat(12 * 1024)}`;
    const answer = await handshake({ port: plant.port, more: [cookie] });
    assert.equal(answer.status, 101, answer.line);
    answer.socket.destroy();
  });

  describe("that is no HTTP is refused or closed", () => {
    const cases = {
      "random octets": randomBytes(512),
      "zero octets": Buffer.alloc(512),
      "an MQTT CONNECT": Buffer.from("100c00044d5154540402003c0000", "hex"),
      "the preface of HTTP/2": Buffer.from("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"),
      "a PROXY line": Buffer.from("PROXY TCP4 10.0.0.1 10.0.0.2 1 2\r\n\r\n"),
      "line ends only": Buffer.from("\r\n".repeat(200)),
      "a request of HTTP/0.9": Buffer.from("GET /mqtt\r\n\r\n"),
      "an empty field name": head("GET /mqtt HTTP/1.1", [
        "Host: localhost",
        ": x",
      ]),
    };

    for (const [name, bytes] of Object.entries(cases)) {
      test(name, async () => {
        const socket = await Socket.open({ port: plant.port });
        socket.write(bytes);
        await socket.untilEnded({ deadline: LATE_MS });
        const text = socket.bytes.toString("latin1");
        assert.match(text, /^$|^HTTP\/1\.[01] [45]/);
      });
    }
  });

  test("that is gone before its answer is survived", async () => {
    for (let i = 0; i < 50; i++) {
      const socket = await Socket.open({ port: plant.port });
      socket.write(handshakeHead({ port: plant.port }));
      socket.destroy();
    }
  });
});
