// SPDX-License-Identifier: Apache-2.0
// A listener with proxy_protocol: every connection begins with the PROXY
// header of a trusted proxy, which tells the client's address; before TLS,
// before HTTP. Whatever else comes ends it.
import assert from "node:assert/strict";
import { after, afterEach, before, describe, test } from "node:test";

import { Admin } from "./fixtures/admin.mjs";
import { makeCertificate } from "./fixtures/certificate.mjs";
import { Folder } from "./fixtures/folder.mjs";
import { Plant } from "./fixtures/plant.mjs";
import { freePorts } from "./fixtures/ports.mjs";
import * as proxy from "./fixtures/proxy_header.mjs";
import { handshakeHead } from "./fixtures/request.mjs";
import { Socket } from "./fixtures/socket.mjs";
import { until } from "./fixtures/wait.mjs";
import { handshake } from "./fixtures/websocket.mjs";

const { CLIENT, CLIENT6, named } = proxy;
const TIMEOUT_MS = 1000; // of a header
const REFUSED = 'postern_handshake_refused_total{reason="proxy_header"}';
const FORMS = { line: proxy.line, block: proxy.block };

let folder, plant, admin, ports, secure;

before(async () => {
  folder = await Folder.create();
  const { certificate, key, ca } = await makeCertificate(folder);
  secure = { ca };
  const names = ["bare", "tls", "strange", "limited", "unix", "admin"];
  const free = await freePorts(names.length);
  ports = Object.fromEntries(names.map((name, i) => [name, free[i]]));
  admin = new Admin(ports.admin);
  const listener = (name, changes) => ({
    address: "127.0.0.1",
    port: ports[name],
    trusted_proxies: ["10.0.0.0/8", "127.0.0.1"],
    proxy_protocol: true,
    header_timeout_ms: TIMEOUT_MS,
    ...changes,
  });
  const port = await freePorts(1);
  plant = await Plant.start({
    admin: admin.setting,
    listeners: [
      listener("bare"),
      listener("tls", { tls: { certificate, key } }),
      listener("strange", { trusted_proxies: ["192.0.2.7", "unix"] }),
      listener("limited", { connections_per_address: 1 }),
      {
        unix: folder.at("ws.sock"),
        trusted_proxies: ["unix"],
        proxy_protocol: true,
      },
      { address: "127.0.0.1", port: port[0] },
    ],
  });
  [plant.port] = port;
  await plant.unaffected();
});
after(async () => {
  await plant?.stop({ hostile: true });
  await folder?.remove();
});
afterEach(() => plant.unaffected());

// A session that begins with this header: what its log line has for `from`.
async function fromOf(preface, options = {}) {
  const { port = ports.bare } = options;
  const from = plant.gateway.lines.length;
  const browser = await plant.open({ preface, ...options, port });
  await browser.leave();
  const line = await plant.gateway.line(/^session \S+ opened /, { from });
  return / from=(\S+) /.exec(line)[1];
}

describe("the client's address is that of the header", () => {
  for (const [name, form] of Object.entries(FORMS)) {
    test(`a ${name}`, async () => {
      assert.equal(await fromOf(form()), named(CLIENT));
    });

    test(`a ${name} of IPv6`, async () => {
      assert.equal(await fromOf(form(CLIENT6)), named(CLIENT6));
    });

    test(`a ${name}, then TLS`, async () => {
      const options = { port: ports.tls, secure };
      assert.equal(await fromOf(form(), options), named(CLIENT));
    });

    test(`a ${name}, through a Unix socket`, async () => {
      const options = { path: folder.at("ws.sock") };
      assert.equal(await fromOf(form(), options), named(CLIENT));
    });

    test(`a ${name}, wherever it is cut`, async () => {
      const port = ports.limited;
      const held = await plant.arrive({ port, preface: form() });
      const bytes = Buffer.concat([form(), handshakeHead({ port })]);
      for (let at = 1; at < form().length + 2; at += 3) {
        const socket = await Socket.open({ port });
        await socket.writeOctets(bytes.subarray(0, at));
        socket.write(bytes.subarray(at));
        await socket.untilEnded();
        assert.match(socket.bytes.toString(), /^HTTP\/1\.. 429 /);
      }
      held.destroy();
    });
  }

  test("limits by address are his", async () => {
    const options = { port: ports.limited };
    const one = await plant.arrive({ preface: proxy.line(), ...options });
    const same = await handshake({ preface: proxy.block(), ...options });
    assert.equal(same.status, 429);
    same.socket.destroy();
    const preface = proxy.line({ ...CLIENT, host: "203.0.113.10" });
    const other = await plant.arrive({ preface, ...options });
    other.destroy();
    one.destroy();
  });
});

describe("a proxy that speaks for nobody has its own address", () => {
  const headers = {
    UNKNOWN: Buffer.from("PROXY UNKNOWN\r\n"),
    "UNKNOWN with more": Buffer.from("PROXY UNKNOWN ::1 ::1 1 2\r\n"),
    LOCAL: proxy.localBlock(),
  };
  for (const [name, preface] of Object.entries(headers)) {
    test(name, async () => {
      assert.match(await fromOf(preface), /^127\.0\.0\.1:\d+$/);
    });

    test(`${name}: no limit by address is for it`, async () => {
      const options = { port: ports.limited, preface };
      const one = await plant.arrive(options);
      const other = await plant.arrive(options);
      one.destroy();
      other.destroy();
    });
  }
});

describe("the connection is closed, without an answer", () => {
  async function isClosed(bytes, port = ports.bare) {
    const before = (await admin.metrics()).value(REFUSED);
    const socket = await Socket.open({ port, preface: bytes });
    await socket.untilEnded({ deadline: 10 * TIMEOUT_MS });
    assert.equal(socket.bytes.length, 0);
    await admin.is(REFUSED, (now) => now === before + 1);
  }

  // The log, which does not tell of each one, tells why.
  async function isTold(bytes, why, port) {
    const from = plant.gateway.lines.length;
    const line = () =>
      plant.gateway.lines
        .slice(from)
        .find((one) => one.includes("reason=proxy_header"));
    await until(async () => {
      await isClosed(bytes, port);
      return line();
    });
    assert.match(line(), / from=127\.0\.0\.1:\d+ /);
    assert.ok(line().includes(why), line());
  }

  const wrong = {
    "a request": handshakeHead({}),
    "the begin of TLS": Buffer.from("160301020001000", "hex"),
    "another case": Buffer.from("proxy TCP4 1.2.3.4 1.2.3.4 1 2\r\n"),
    "an address that is none": Buffer.from("PROXY TCP4 1.2.3 1.2.3.4 1 2\r\n"),
    "a line without end": Buffer.alloc(200, "PROXY UNKNOWN "),
    "a block of version 1": proxy.rawBlock(0x11, 0x11, Buffer.alloc(12)),
    "a block too short": proxy.rawBlock(0x21, 0x21, Buffer.alloc(12)),
    "a block of 537 octets": proxy.rawBlock(0x20, 0, Buffer.alloc(521)),
    "a sum that is wrong": proxy.block(
      CLIENT,
      Buffer.from("03000401020304", "hex"),
    ),
  };
  for (const [name, bytes] of Object.entries(wrong)) {
    test(name, () => isClosed(bytes));
  }

  test("nothing at all, or half of it, until the time is over", async () => {
    await isClosed("");
    await isClosed(proxy.line().subarray(0, 20));
    await isClosed(proxy.block().subarray(0, 20));
  });

  test("of somebody who is not in trusted_proxies, whatever it is", async () => {
    for (const bytes of [proxy.line(), proxy.block(), handshakeHead({})]) {
      await isClosed(bytes, ports.strange);
    }
  });

  test("and the log says why", async () => {
    await isTold(wrong["a request"], "no PROXY header", ports.bare);
    await isTold(proxy.line(), "not in trusted_proxies", ports.strange);
    await isTold("", "in time", ports.bare);
  });
});

test("one who only looks whether the port is open is not in the log", async () => {
  const from = plant.gateway.lines.length;
  const socket = await Socket.open({ port: ports.bare });
  socket.end();
  await socket.untilEnded();
  assert.deepEqual(plant.gateway.lines.slice(from), []);
});

test("where no header is asked for, one changes nothing", async () => {
  const from = await fromOf(proxy.line(), { port: plant.port });
  assert.match(from, /^127\.0\.0\.1:/);
});

test("those who wait do not keep a gateway from ending", async () => {
  const own = await Plant.start({
    listener: { trusted_proxies: ["127.0.0.1"], proxy_protocol: true },
  });
  for (let i = 0; i < 20; i++) {
    const preface = proxy.block().subarray(0, 1 + i);
    await Socket.open({ port: own.port, preface });
  }
  own.gateway.signal("SIGTERM");
  const exit = await own.gateway.ended({ deadline: 15000 });
  assert.deepEqual(exit, { code: 0, signal: null });
  await own.stop();
});
