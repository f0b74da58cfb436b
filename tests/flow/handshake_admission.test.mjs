// SPDX-License-Identifier: Apache-2.0
// Who comes in and who does not, check by check, as it is on the wire:
// the order and the answers of a handshake's checks.
import assert from "node:assert/strict";
import { after, afterEach, before, describe, test } from "node:test";

import { Plant } from "./fixtures/plant.mjs";
import { ALLOWED } from "./fixtures/request.mjs";
import { handshake, WebSocket } from "./fixtures/websocket.mjs";

const EVIL = "http://evil.test";

describe("a handshake", () => {
  let plant;
  const bodies = new Map(); // of refusals, by status

  before(async () => {
    plant = await Plant.start();
    await plant.unaffected();
  });
  after(() => plant?.stop({ hostile: true }));
  afterEach(async () => {
    await plant.unaffected();
    assert.equal(plant.wire.connections, 1, "only the bystander's connection");
  });

  async function comesIn(options) {
    const answer = await handshake({ port: plant.port, ...options });
    assert.equal(answer.status, 101, answer.line);
    assert.equal(answer.accepted, true);
    answer.socket.destroy();
    return answer;
  }

  // One constant line, and the connection is closed behind it.
  async function isRefused(status, options) {
    const answer = await handshake({ port: plant.port, ...options });
    assert.equal(answer.status, status, answer.line);
    assert.match(answer.line, /^HTTP\/1\.1 \d{3} [A-Z]/);
    assert.match(answer.body, /^[^\n]{0,100}\n?$/);
    assert.equal(answer.body, bodies.get(status) ?? answer.body);
    bodies.set(status, answer.body);
    assert.equal(answer.get("set-cookie"), undefined);
    await answer.socket.untilEnded();
    return answer;
  }

  // lws drops some of what it does not understand before it asks.
  async function isRefusedOrDropped(status, options) {
    const answer = await handshake({ port: plant.port, ...options });
    assert.ok([0, status].includes(answer.status), answer.line);
    await answer.socket.untilEnded();
  }

  test("in order comes in", async () => {
    const answer = await comesIn({});
    assert.equal(answer.get("upgrade")?.toLowerCase(), "websocket");
    assert.equal(answer.get("connection")?.toLowerCase(), "upgrade");
    assert.equal(answer.get("sec-websocket-extensions"), undefined);
  });

  test("comes in whatever the order of its lines", async () => {
    await comesIn({
      key: "dGhlIHNhbXBsZSBub25jZQ==",
      lines: [
        "sec-websocket-protocol: mqtt",
        `ORIGIN:${ALLOWED}`,
        "Sec-WebSocket-Version:   13",
        "sec-websocket-key: dGhlIHNhbXBsZSBub25jZQ==",
        "User-Agent: a test",
        "connection: keep-alive, Upgrade",
        "UPGRADE: WebSocket",
        `host: localhost:${plant.port}`,
      ],
    });
  });

  describe("is judged by its Upgrade header (1)", () => {
    test("h2c is refused 400", () => isRefused(400, { upgrade: "h2c" }));

    // What lws does not know it refuses itself, before it asks.
    for (const upgrade of [
      "foo",
      "websocket, h2c",
      "h2c, websocket",
      "websocketx",
      "web socket",
      "TLS/1.0",
    ]) {
      test(`"${upgrade}" is refused 400 or 403`, async () => {
        const answer = await handshake({ port: plant.port, upgrade });
        assert.ok([400, 403].includes(answer.status), answer.line);
        await answer.socket.untilEnded();
      });
    }

    test("h2c with all that HTTP/2 wants is refused 400", async () => {
      await isRefused(400, {
        upgrade: "h2c",
        connection: "Upgrade, HTTP2-Settings",
        more: ["HTTP2-Settings: AAMAAABkAAQAoAAAAAIAAAAA"],
      });
    });

    test("any case comes in", async () => {
      await comesIn({ upgrade: "WEBsocket" });
    });
  });

  describe("is judged by method and version of HTTP (2)", () => {
    for (const method of ["POST", "PUT", "DELETE", "OPTIONS", "PATCH"]) {
      test(`${method} is refused 405`, async () => {
        await isRefused(405, { method });
      });
    }

    test("HEAD is refused", async () => {
      const answer = await handshake({ port: plant.port, method: "HEAD" });
      assert.ok([0, 405].includes(answer.status), answer.line);
      answer.socket.destroy();
    });

    test("HTTP/1.0 is refused 400", async () => {
      await isRefused(400, { http: "HTTP/1.0" });
    });

    for (const http of ["HTTP/9.9", "HTTP/2.0", "HTTP/0.9", "JUNK/1.1"]) {
      test(`${http} is refused or dropped`, async () => {
        await isRefusedOrDropped(400, { http });
      });
    }
  });

  describe("is judged by its Sec-WebSocket-Version (3)", () => {
    for (const [name, version] of Object.entries({
      absent: null,
      "version 8": "8",
      "version 7": "7",
      "version 14": "14",
      "version 013": "013",
      "version 13, 8": "13, 8",
      empty: "",
    })) {
      test(`${name} is refused 426 with the version to use`, async () => {
        const answer = await isRefused(426, { version });
        assert.equal(answer.get("sec-websocket-version"), "13");
      });
    }

    test("two fields are refused 400", async () => {
      await isRefused(400, { version: ["13", "13"] });
    });
  });

  describe("is judged by its Sec-WebSocket-Key (4)", () => {
    for (const [name, key] of Object.entries({
      "of 3 characters": "abc",
      "of 15 octets": "MTIzNDU2Nzg5MDEyMzQ1",
      "of 17 octets": "MTIzNDU2Nzg5MDEyMzQ1Njc=",
      "that is no base64": "!!!!!!!!!!!!!!!!!!!!!!==",
      "without padding": "dGhlIHNhbXBsZSBub25jZQ",
      "of 4 KiB": "A".repeat(4096),
      "twice the same": [
        "dGhlIHNhbXBsZSBub25jZQ==",
        "dGhlIHNhbXBsZSBub25jZQ==",
      ],
    })) {
      test(`a key ${name} is refused 400`, async () => {
        await isRefused(400, { key });
      });
    }

    test("without a key it is refused or dropped", async () => {
      await isRefusedOrDropped(400, {
        key: "x",
        lines: [
          `Host: 127.0.0.1:${plant.port}`,
          "Upgrade: websocket",
          "Connection: Upgrade",
          "Sec-WebSocket-Version: 13",
          "Sec-WebSocket-Protocol: mqtt",
          `Origin: ${ALLOWED}`,
        ],
      });
    });

    test("without Connection it is refused or dropped", async () => {
      await isRefusedOrDropped(400, { connection: null });
    });

    test("with an empty key it is refused or dropped", async () => {
      await isRefusedOrDropped(400, { key: "" });
    });
  });

  describe("must have no body (5)", () => {
    test("Content-Length: 0 comes in", async () => {
      await comesIn({ more: ["Content-Length: 0"] });
    });

    for (const more of [
      ["Content-Length: 5"],
      ["Content-Length: -1"],
      ["Content-Length: 00000000000000000000001"],
      ["Content-Length: 0, 5"],
      ["Content-Length: 5", "Content-Length: 0"],
      ["Transfer-Encoding: chunked"],
      ["Content-Length: 0", "Transfer-Encoding: chunked"],
    ]) {
      test(`${more.join(" and ")} is refused`, async () => {
        await isRefusedOrDropped(400, { more });
      });
    }
  });

  describe("is judged by its path (7)", () => {
    for (const target of [
      "/",
      "/mqtt/",
      "/mqtt2",
      "/mqt",
      "/MQTT",
      "//mqtt/x",
      "/mqtt%2f",
      "/mqtt%00",
      "/mqtt/..%2f",
      "/%2e%2e/",
      "/mqtt;x",
      "/mqtt%20",
      "/\\mqtt",
    ]) {
      test(`${target} is refused 404`, async () => {
        await isRefusedOrDropped(404, { target });
      });
    }

    test("a query changes nothing", async () => {
      await comesIn({ target: "/mqtt?x=1&y=/other" });
    });

    test("a percent-encoded letter is that letter", async () => {
      await comesIn({ target: "/%6dqtt" });
    });

    test("twice percent-encoded is not decoded twice", async () => {
      await isRefused(404, { target: "/%256dqtt" });
    });

    for (const target of ["http://127.0.0.1/mqtt", "mqtt", "*"]) {
      test(`${target} is no path: refused or dropped`, async () => {
        const answer = await handshake({ port: plant.port, target });
        answer.socket.destroy();
        assert.ok([0, 400, 404].includes(answer.status), answer.line);
      });
    }

    test("9 KiB of path are refused or dropped", async () => {
      await isRefusedOrDropped(404, { target: `/${"x".repeat(9216)}` });
    });
  });

  describe("is judged by its subprotocol (9)", () => {
    for (const [offer, chosen] of Object.entries({
      mqtt: "mqtt",
      "mqttv3.1": "mqttv3.1",
      "mqtt, mqttv3.1": "mqtt",
      "mqttv3.1, mqtt": "mqttv3.1",
      "chat, mqtt": "mqtt",
      "chat,superchat,mqttv3.1": "mqttv3.1",
    })) {
      test(`of "${offer}" the answer is ${chosen}`, async () => {
        const answer = await comesIn({ protocol: offer });
        assert.equal(answer.get("sec-websocket-protocol"), chosen);
      });
    }

    test("of two fields the answer is the first known name", async () => {
      const answer = await comesIn({ protocol: ["chat", "mqtt"] });
      assert.equal(answer.get("sec-websocket-protocol"), "mqtt");
    });

    for (const [name, protocol] of Object.entries({
      none: null,
      "an empty one": "",
      "an unknown one": "chat",
      "upper case": "MQTT",
      "part of a name": "mqt",
      "more than a name": "mqtt5",
    })) {
      test(`${name} is refused 400`, async () => {
        await isRefused(400, { protocol });
      });
    }
  });

  describe("is checked in this order", () => {
    const upgrade = "h2c";
    const method = "POST";
    const version = "8";
    const key = "abc";
    const host = "rebound.test";
    const target = "/nowhere";
    const origin = EVIL;
    const protocol = "chat";

    test("Upgrade before method", () => isRefused(400, { upgrade, method }));
    test("method before version", () => isRefused(405, { method, version }));
    test("version before key", () => isRefused(426, { version, key }));
    test("key before Host", () => isRefused(400, { key, host }));
    test("Host before path", () => isRefused(421, { host, target }));
    test("path before Origin", () => isRefused(404, { target, origin }));
    test("Origin before subprotocol", () =>
      isRefused(403, { origin, protocol }));
  });

  test("that offers permessage-deflate comes in without it", async () => {
    const answer = await comesIn({
      more: [
        "Sec-WebSocket-Extensions: permessage-deflate, permessage-deflate",
      ],
    });
    assert.equal(answer.get("sec-websocket-extensions"), undefined);
  });

  test("that came in can open a session", async () => {
    const websocket = await WebSocket.open({ port: plant.port });
    websocket.close(1000);
    const { code } = await websocket.expectClose();
    assert.equal(code, 1000);
  });
});
