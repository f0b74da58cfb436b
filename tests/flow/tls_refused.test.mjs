// SPDX-License-Identifier: Apache-2.0
// A handshake of TLS that fails is counted, and the log says who it was and
// why, in OpenSSL's words; not more often than somebody can read.
import assert from "node:assert/strict";
import { after, afterEach, before, describe, test } from "node:test";

import { Admin } from "./fixtures/admin.mjs";
import { askOpenssl } from "./fixtures/ask_openssl.mjs";
import { Authority } from "./fixtures/authority.mjs";
import { Folder } from "./fixtures/folder.mjs";
import { Plant } from "./fixtures/plant.mjs";
import { freePorts } from "./fixtures/ports.mjs";
import { handshakeHead } from "./fixtures/request.mjs";
import { Socket } from "./fixtures/socket.mjs";
import { until } from "./fixtures/wait.mjs";
import { handshake } from "./fixtures/websocket.mjs";

const REFUSED = 'postern_handshake_refused_total{reason="tls"}';
const ADDRESS = "127.0.0.1";
const MANY = 60;

let folder, servers, clients, strangers, plant, admin, ports, revoked;

before(async () => {
  folder = await Folder.create();
  servers = await Authority.create(folder, "servers");
  clients = await Authority.create(folder, "clients");
  strangers = await Authority.create(folder, "strangers");
  revoked = await clients.client("/CN=revoked");
  await clients.revoke(revoked);
  const [plain, open, modern, closed, stale, adminPort] = await freePorts(6);
  ports = { plain, open, modern, closed, stale };
  admin = new Admin(adminPort);
  const { certificate, key } = await servers.server(["localhost"]);
  const asks = {
    client_certificate: "required",
    client_ca: clients.certificate,
    client_crl: await clients.list(),
  };
  const client_crl = await clients.list({ from: -3, to: -1 });
  const listener = (port, more) => ({
    ...{ address: ADDRESS, port, header_timeout_ms: 30000 },
    tls: { certificate, key, ...more },
  });
  plant = await Plant.start({
    admin: admin.setting,
    listeners: [
      { address: ADDRESS, port: plain },
      listener(open),
      listener(modern, { profile: "modern" }),
      listener(closed, asks),
      listener(stale, { ...asks, client_crl }),
    ],
  });
  plant.port = plain;
  await plant.unaffected();
});
after(async () => {
  await plant?.stop();
  await folder?.remove();
});
afterEach(() => plant.unaffected());

// A handshake that does not get to a WebSocket.
async function isRefused(port, secure) {
  const answer = await handshake({ port, secure }).catch(() => null);
  answer?.socket.destroy();
  assert.ok(!answer || answer.status === 0, `status ${answer?.status}`);
}

const asClient = (who, more) => () =>
  isRefused(ports.closed, { ca: servers.pem, ...who?.secure, ...more });

async function sends(bytes, port = ports.open) {
  const socket = await Socket.open({ port });
  socket.write(bytes);
  await socket.untilEnded();
}

// The log does not tell of each one: until it does. Gives the line.
async function isTold(port, attempt) {
  const from = plant.gateway.lines.length;
  const line = () =>
    plant.gateway.lines
      .slice(from)
      .find((one) => /^warning: handshake refused reason=tls /.test(one));
  await until(async () => (await attempt()) || line(), { deadline: 10000 });
  assert.match(line(), / from=127\.0\.0\.1:\d+ /);
  assert.ok(line().includes(`listener=${ADDRESS}:${port}`), line());
  return line();
}

describe("the log tells", () => {
  test("of plain HTTP on the TLS port, which gets no answer", async () => {
    const request = handshakeHead({ port: ports.open });
    const line = await isTold(ports.open, () => sends(request));
    assert.match(line, /why="http request"/);
  });

  test("of octets that are no TLS", async () => {
    const line = await isTold(ports.open, () => sends(Buffer.alloc(300, 1)));
    assert.match(line, /why="(wrong version number|.*record.*)"/);
  });

  for (const name of ["open", "closed"]) {
    test(`of half a hello, after which the client left: ${name}`, async () => {
      const port = ports[name];
      const half = async () => {
        const socket = await Socket.open({ port });
        socket.write(Buffer.from("16030100c8010000c40303", "hex"));
        socket.end();
        await socket.untilEnded();
      };
      const line = await isTold(port, half);
      assert.match(line, /why="unexpected eof while reading"/);
    });
  }

  for (const [name, port] of [["TLSv1.1", "open"], ["TLSv1.2", "modern"]]) {
    test(`of ${name} where it is too old`, async () => {
      const old = {
        ca: servers.pem,
        minVersion: name,
        maxVersion: name,
        ciphers: "DEFAULT@SECLEVEL=0",
      };
      const line = await isTold(ports[port], () => isRefused(ports[port], old));
      assert.match(line, /why="unsupported protocol"/);
    });
  }

  test("of suites that it does not speak", async () => {
    const cbc = {
      ca: servers.pem,
      maxVersion: "TLSv1.2",
      ciphers: "ECDHE-ECDSA-AES128-SHA256:ECDHE-ECDSA-AES128-SHA",
    };
    const line = await isTold(ports.open, () => isRefused(ports.open, cbc));
    assert.match(line, /why="no shared cipher"/);
  });

  for (const version of ["TLSv1.2", "TLSv1.3"]) {
    const only = { minVersion: version, maxVersion: version };

    // Node says nothing of it, and closes.
    test(`${version}: of a client that does not know our authority`, async () => {
      const words = [`-${version.toLowerCase().replace(".", "_").replace("v", "")}`];
      words.push("-verify_return_error", "-CAfile", strangers.certificate);
      const attempt = () => askOpenssl(ports.open, words).then(() => null);
      const line = await isTold(ports.open, attempt);
      assert.match(line, /why="the client says: unknown CA"/);
    });

    test(`${version}: of a client without the certificate it needs`, async () => {
      const line = await isTold(ports.closed, asClient(null, only));
      assert.match(line, /why="peer did not return a certificate"/);
    });

    test(`${version}: of a client of an unknown authority`, async () => {
      const who = await strangers.client("/CN=anna");
      const line = await isTold(ports.closed, asClient(who, only));
      assert.match(line, /why="client certificate: unable to get/);
    });

    test(`${version}: of a client whose certificate has expired`, async () => {
      const who = await clients.client("/CN=old", { from: -9, to: -1 });
      const line = await isTold(ports.closed, asClient(who, only));
      assert.match(line, /why="client certificate: certificate has expired"/);
    });

    test(`${version}: of a client whose certificate is revoked`, async () => {
      const line = await isTold(ports.closed, asClient(revoked, only));
      assert.match(line, /why="client certificate: certificate revoked"/);
    });
  }

  test("of a client that shows a certificate for servers", async () => {
    const extensions = "extendedKeyUsage=serverAuth\n";
    const who = await clients.client("/CN=server", { extensions });
    const line = await isTold(ports.closed, asClient(who));
    assert.match(line, /why="client certificate: un(suitable|supported) cert/);
  });

  test("of clients that a list out of date refuses, warned of at start", async () => {
    const who = await clients.client("/CN=anna");
    const secure = { ca: servers.pem, ...who.secure };
    const attempt = () => isRefused(ports.stale, secure);
    const line = await isTold(ports.stale, attempt);
    assert.match(line, /why="client certificate: CRL has expired"/);
    const { lines } = plant.gateway;
    assert.ok(lines.some((one) => /is out of date: until/.test(one)));
  });
});

describe("of TLS that failed", () => {
  test("each is counted, few are told", async () => {
    const from = plant.gateway.lines.length;
    const began = performance.now();
    await admin.adds({ [REFUSED]: MANY }, async () => {
      for (let i = 0; i < MANY; i++) await sends("GET / HTTP/1.1\r\n\r\n");
    });
    const seconds = (performance.now() - began) / 1000;
    const told = plant.gateway.lines
      .slice(from)
      .filter((one) => /refused reason=tls/.test(one));
    assert.ok(told.length <= 3 * (seconds + 1), `${told.length} lines`);
  });

  test("nothing is told where nothing was said", async () => {
    const from = plant.gateway.lines.length;
    await admin.adds({ [REFUSED]: 0 }, async () => {
      for (let i = 0; i < 5; i++) {
        const socket = await Socket.open({ port: ports.open });
        socket.end();
        await socket.untilEnded();
      }
    });
    await plant.unaffected();
    const told = plant.gateway.lines.slice(from);
    assert.deepEqual(told.filter((one) => /refused/.test(one)), []);
  });

  test("a good client is none", async () => {
    const secure = { ca: servers.pem };
    await admin.adds({ [REFUSED]: 0 }, async () => {
      await (await plant.open({ port: ports.open, secure })).leave();
      await (await plant.open({ port: ports.modern, secure })).leave();
    });
  });
});
