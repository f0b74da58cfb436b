// SPDX-License-Identifier: Apache-2.0
// A listener with a certificate speaks TLS and nothing else, one without
// speaks none.
import assert from "node:assert/strict";
import { randomBytes } from "node:crypto";
import { after, afterEach, before, describe, test } from "node:test";
import tls from "node:tls";

import { Browser } from "./fixtures/browser.mjs";
import { makeCertificate } from "./fixtures/certificate.mjs";
import { Client } from "./fixtures/client.mjs";
import { Folder } from "./fixtures/folder.mjs";
import * as packets from "./fixtures/packets.mjs";
import { LEVELS, VERSION_NAMES } from "./fixtures/packets.mjs";
import { Plant } from "./fixtures/plant.mjs";
import { freePort } from "./fixtures/ports.mjs";
import { handshakeHead, readAnswer } from "./fixtures/request.mjs";
import { Socket } from "./fixtures/socket.mjs";
import { frame, handshake } from "./fixtures/websocket.mjs";

describe("TLS", () => {
  let plant, folder, secured, ca;

  before(async () => {
    folder = await Folder.create();
    const made = await makeCertificate(folder);
    const { certificate, key } = made;
    ca = made.ca;
    const plain = await freePort();
    secured = await freePort();
    const address = "127.0.0.1";
    const header_timeout_ms = 1000;
    plant = await Plant.start({
      listeners: [
        { address, port: plain, header_timeout_ms },
        {
          address,
          port: secured,
          header_timeout_ms,
          tls: { certificate, key },
        },
      ],
    });
    plant.port = plain;
  });
  after(async () => {
    await plant?.stop({ hostile: true });
    await folder?.remove();
  });
  afterEach(() => plant.unaffected());

  const secure = () => ({ port: secured, secure: { ca } });

  for (const level of LEVELS) {
    test(`${VERSION_NAMES[level]}: a session works over wss`, async () => {
      const url = `wss://127.0.0.1:${secured}/mqtt`;
      const wsOptions = { ca };
      const client = await Client.open(url, { level, wsOptions });
      const payload = randomBytes(1024 * 1024);
      await client.subscribe("tls", 2);
      await client.publish("tls", payload, { qos: 2 });
      const message = await client.message();
      assert.ok(message.payload.equals(payload));
      await client.end();
    });
  }

  test("packets in the segment of the handshake are answered", async () => {
    const first = [
      packets.connect(),
      packets.subscribe({ filters: [["early", 0]] }),
      packets.publish({ topic: "early", payload: "bird" }),
    ];
    const after = frame(Buffer.concat(first));
    const browser = await Browser.arrive({ ...secure(), after });
    await browser.expect("connack");
    await browser.expect("suback");
    assert.equal((await browser.message()).payload.toString(), "bird");
    await browser.leave();
  });

  test("many small frames in one record all pass", async () => {
    const browser = await Browser.open(secure());
    await browser.subscribe("many");
    const frames = Array.from({ length: 500 }, (_, i) =>
      frame(packets.publish({ topic: "many", payload: `${i}` })),
    );
    browser.websocket.write(Buffer.concat(frames));
    for (let i = 0; i < 500; i++) {
      assert.equal((await browser.message()).payload.toString(), `${i}`);
    }
    await browser.leave();
  });

  test("a foreign origin gets its 403 over TLS too", async () => {
    const answer = await handshake({ ...secure(), origin: "http://evil.test" });
    assert.equal(answer.status, 403);
    answer.socket.destroy();
  });

  test("HTTP/2 is not offered", async () => {
    const protocols = ["h2", "http/1.1"];
    const { chosen } = await offered({ ALPNProtocols: protocols });
    assert.equal(chosen, "http/1.1");
  });

  test("versions before 1.2 are refused", async () => {
    const ciphers = "DEFAULT@SECLEVEL=0";
    const old = { minVersion: "TLSv1", maxVersion: "TLSv1.1", ciphers };
    await assert.rejects(offered(old));
  });

  test("versions 1.2 and 1.3 are spoken", async () => {
    for (const version of ["TLSv1.2", "TLSv1.3"]) {
      const only = { minVersion: version, maxVersion: version };
      assert.equal((await offered(only)).version, version);
    }
  });

  test("a browser that vanishes ends its upstream", async () => {
    const browser = await Browser.open(secure());
    const link = plant.wire.links.at(-1);
    browser.destroy();
    await plant.wire.untilClosed({ link });
  });

  test("a hello on the plain port is refused or closed", async () => {
    const { port } = plant;
    await assert.rejects(Socket.open({ port, secure: { ca } }));
  });

  test("plain HTTP on the TLS port is closed without a page", async () => {
    const socket = await Socket.open({ port: secured });
    socket.write(handshakeHead({ port: secured }));
    const { status } = await readAnswer(socket);
    assert.ok([0, 400].includes(status), `status ${status}`);
    await socket.untilEnded();
  });

  test("octets that are no hello are closed", async () => {
    for (const bytes of [randomBytes(300), Buffer.alloc(16384, 0x16)]) {
      const socket = await Socket.open({ port: secured });
      socket.write(bytes);
      await socket.untilEnded();
    }
  });

  test("half a hello is closed at the timeout", async () => {
    const socket = await Socket.open({ port: secured });
    socket.write(Buffer.from("16030100c8010000c40303", "hex"));
    await socket.untilEnded({ deadline: 3000 });
  });

  test("no hello at all is closed at the timeout", async () => {
    const socket = await Socket.open({ port: secured });
    await socket.untilEnded({ deadline: 3000 });
  });

  test("a hello and then no request is closed at the timeout", async () => {
    const socket = await Socket.open(secure());
    await socket.untilEnded({ deadline: 3000 });
  });

  function offered(options) {
    return new Promise((resolve, reject) => {
      const socket = tls.connect({
        port: secured,
        servername: "localhost",
        host: "127.0.0.1",
        ca,
        ...options,
      });
      socket.once("error", reject);
      socket.once("secureConnect", () => {
        const chosen = socket.alpnProtocol;
        resolve({ chosen, version: socket.getProtocol() });
        socket.destroy();
      });
    });
  }
});
