// SPDX-License-Identifier: Apache-2.0
// What is no handshake gets a plain answer or none, and nothing behind a
// refusal is ever served.
import assert from "node:assert/strict";
import { after, afterEach, before, describe, test } from "node:test";

import { Plant } from "./fixtures/plant.mjs";
import {
  handshakeHead,
  head,
  plainHead,
  readAnswer,
} from "./fixtures/request.mjs";
import { Socket } from "./fixtures/socket.mjs";

describe("a request that is no handshake", () => {
  let plant;

  before(async () => {
    plant = await Plant.start();
    await plant.unaffected();
  });
  after(() => plant?.stop({ hostile: true }));
  afterEach(async () => {
    await plant.unaffected();
    assert.equal(plant.wire.connections, 1, "only the bystander's connection");
  });

  async function ask(bytes) {
    const socket = await Socket.open({ port: plant.port });
    socket.write(bytes);
    const answer = await readAnswer(socket);
    answer.socket = socket;
    return answer;
  }

  const plain = (options) => ask(plainHead({ port: plant.port, ...options }));

  test("GET on a route gets 426 and one line that says why", async () => {
    const answer = await plain();
    assert.equal(answer.status, 426);
    assert.equal(answer.get("sec-websocket-version"), "13");
    assert.match(answer.body, /^[^\n]*WebSocket[^\n]*\n?$/);
  });

  test("GET on any other path gets 404", async () => {
    for (const target of ["/", "/index.html", "/mqtt/", "/favicon.ico"]) {
      const answer = await plain({ target });
      assert.equal(answer.status, 404, target);
      assert.match(answer.body, /^[^\n]*\n?$/);
    }
  });

  test("GET on a path that climbs gets 400 or 404", async () => {
    for (const target of ["/../etc/passwd", "/%2e%2e/x", "/a/../../x"]) {
      const { status } = await plain({ target });
      assert.ok([0, 400, 403, 404].includes(status), `${target} ${status}`);
    }
  });

  for (const method of ["POST", "PUT", "DELETE", "OPTIONS"]) {
    test(`${method} gets 405`, async () => {
      assert.equal((await plain({ method })).status, 405);
      assert.equal((await plain({ method, target: "/x" })).status, 405);
    });
  }

  test("POST with a body gets 405, and the body is no request", async () => {
    const { port } = plant;
    const body = plainHead({ port });
    const more = [`Content-Length: ${body.length}`];
    const post = plainHead({ port, method: "POST", more });
    const { status, socket } = await ask(Buffer.concat([post, body]));
    assert.equal(status, 405);
    await isSilent(socket);
  });

  test("HTTP/1.0 gets no page", async () => {
    const { status } = await plain({ http: "HTTP/1.0" });
    assert.ok([0, 400].includes(status), `${status}`);
  });

  test("a method nobody knows is refused or dropped", async () => {
    const { status } = await plain({ method: "BREW" });
    assert.ok([0, 400, 403, 405].includes(status), `${status}`);
  });

  test("CONNECT is closed at once", async () => {
    const target = `127.0.0.1:${plant.broker.port}`;
    const socket = await Socket.open({ port: plant.port });
    socket.write(plainHead({ method: "CONNECT", target, host: target }));
    await socket.untilEnded({ deadline: 2000 });
    assert.doesNotMatch(socket.bytes.toString(), /^HTTP\/1\.[01] 2/);
  });

  test("CONNECT with bytes behind it is closed at once", async () => {
    const { port } = plant;
    const socket = await Socket.open({ port });
    const connect = plainHead({ method: "CONNECT", target: "/mqtt", port });
    socket.write(Buffer.concat([connect, handshakeHead({ port })]));
    await socket.untilEnded({ deadline: 2000 });
    assert.doesNotMatch(socket.bytes.toString(), /101/);
  });

  describe("has nothing served behind its refusal", () => {
    const cases = {
      "a plain GET": (port) => plainHead({ port }),
      "a GET elsewhere": (port) => plainHead({ port, target: "/x" }),
      "a refused origin": (port) =>
        handshakeHead({ port, origin: "http://evil.test" }),
      "a refused Host": (port) => handshakeHead({ port, host: "evil.test" }),
      "an unknown path": (port) => handshakeHead({ port, target: "/x" }),
      "Upgrade: h2c": (port) => handshakeHead({ port, upgrade: "h2c" }),
    };

    for (const [name, write] of Object.entries(cases)) {
      test(`${name}, then a good handshake in one segment`, async () => {
        const { port } = plant;
        const both = [write(port), handshakeHead({ port })];
        const { status, socket } = await ask(Buffer.concat(both));
        assert.notEqual(status, 101);
        await isSilent(socket);
      });

      test(`${name}, then a good handshake after the answer`, async () => {
        const { port } = plant;
        const { status, socket } = await ask(write(port));
        assert.notEqual(status, 101);
        socket.write(handshakeHead({ port }));
        await isSilent(socket);
      });
    }
  });

  describe("on a connection kept alive, then an Upgrade that is none", () => {
    const more = ["Connection: keep-alive"];
    const after = (port) =>
      head("GET /mqtt HTTP/1.1", [
        `Host: 127.0.0.1:${port}`,
        "Upgrade: foo",
        "Connection: Upgrade",
      ]);

    test("in the next segment ends it", async () => {
      const { port } = plant;
      const { socket } = await ask(plainHead({ port, more }));
      socket.write(after(port));
      await isSilent(socket);
    });

    test("in the same segment ends it", async () => {
      const { port } = plant;
      const both = [plainHead({ port, more }), after(port)];
      const { socket } = await ask(Buffer.concat(both));
      await isSilent(socket);
    });

    test("many times over ends it each time", async () => {
      const { port } = plant;
      for (let i = 0; i < 20; i++) {
        const first = plainHead({ port, more, target: `/${"x".repeat(i)}` });
        const { socket } = await ask(Buffer.concat([first, after(port)]));
        await isSilent(socket);
      }
    });
  });

  // Closed, with no further answer but perhaps a refusal.
  async function isSilent(socket) {
    await socket.untilEnded();
    const text = socket.bytes.toString("latin1");
    assert.match(text, /^$|^HTTP\/1\.[01] 4/);
    assert.equal(text.split("HTTP/1.").length <= 2, true, text);
  }
});
