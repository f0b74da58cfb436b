// SPDX-License-Identifier: Apache-2.0
// The doctor names what is wrong on the way to the server: name, address,
// port, and what is spoken there.
import assert from "node:assert/strict";
import net from "node:net";
import { after, afterEach, before, describe, test } from "node:test";

import { makeCertificate } from "./fixtures/certificate.mjs";
import { expectFault, visit } from "./fixtures/doctor.mjs";
import { Folder } from "./fixtures/folder.mjs";
import { NameServer, skipUnlessNameServer } from "./fixtures/name_server.mjs";
import { skipUnlessPrivate } from "./fixtures/namespace.mjs";
import { Plant } from "./fixtures/plant.mjs";
import { freePort } from "./fixtures/ports.mjs";
import { ALLOWED } from "./fixtures/request.mjs";
import { SilentServer } from "./fixtures/silent_server.mjs";

const SHORT = ["--timeout", "2"];
const skipNames = skipUnlessPrivate || (await skipUnlessNameServer());

describe("the doctor, on the way to the server,", () => {
  let plant, folder, secured, authority;
  let servers = [];

  before(async () => {
    folder = await Folder.create();
    const made = await makeCertificate(folder);
    authority = made.authority;
    const { certificate, key } = made;
    const port = await freePort();
    secured = await freePort();
    const address = "127.0.0.1";
    const tls = { certificate, key };
    const listeners = [
      { address, port },
      { address, port: secured, tls },
    ];
    plant = await Plant.start({ listeners });
    plant.port = port;
  });
  after(async () => {
    await plant?.stop();
    await folder?.remove();
  });
  afterEach(async () => {
    for (const server of servers.splice(0)) await server.stop();
  });

  // A server that does with each socket what it is told.
  async function listen(serve) {
    const sockets = new Set();
    const server = net.createServer((socket) => {
      sockets.add(socket);
      socket.on("error", () => {});
      serve(socket);
    });
    await new Promise((resolve) => server.listen(0, "127.0.0.1", resolve));
    servers.push({
      stop: () => {
        for (const socket of sockets) socket.destroy();
        return new Promise((resolve) => server.close(resolve));
      },
    });
    return server.address().port;
  }

  const names = { skip: skipNames };

  test("names a name that nobody knows", names, async () => {
    const server = await NameServer.start();
    servers.push(server);
    const { wrap } = server;
    const seen = await visit("ws://plant.example/mqtt", [], { wrap });
    expectFault(seen, "dns", /no such name: "plant\.example"/, /\/etc\/hosts/);
  });

  test("does not wait for ever for a name server", names, async () => {
    const server = await NameServer.start({ silent: true });
    servers.push(server);
    const { wrap } = server;
    const seen = await visit("ws://plant.example/mqtt", SHORT, { wrap });
    expectFault(seen, "dns", /no answer .* within 2 s/, /resolv\.conf/);
  });

  test("names a port where nothing listens", async () => {
    const port = await freePort();
    const seen = await visit(`ws://127.0.0.1:${port}/mqtt`);
    const says = new RegExp(`127.0.0.1:${port} refused: nothing listens`);
    expectFault(seen, "tcp", says, new RegExp(`listener has port ${port}\\b`));
  });

  test("tries each address of a name", names, async () => {
    const hosts = { "two.test": "::1", "two.test ": "127.0.0.1" };
    const server = await NameServer.start({ hosts });
    servers.push(server);
    const { wrap } = server;
    const origin = ["--origin", ALLOWED];
    const { lines } = await visit(`ws://two.test:${plant.port}/`, origin, {
      wrap,
    });
    const tcp = lines.filter(({ step }) => step === "tcp");
    assert.equal(tcp.at(0).word, "note", "the first address is of no use");
    assert.match(tcp.at(0).says, /^\[::1\]:\d+ (refused|not reachable)/);
    assert.equal(tcp.at(1).word, "ok");
    assert.match(tcp.at(1).says, /^127\.0\.0\.1:\d+ answers/);
  });

  test("names an address that drops everything", async () => {
    const server = await SilentServer.start();
    servers.push(server);
    const seen = await visit(`ws://127.0.0.1:${server.port}/mqtt`, SHORT);
    expectFault(seen, "tcp", /no answer: something .* drops/, /firewalls/);
  });

  for (const scheme of ["ws", "wss"]) {
    const step = { ws: "upgrade", wss: "tls" }[scheme];

    test(`${scheme}: names a server that is silent`, async () => {
      const port = await listen(() => {});
      const seen = await visit(`${scheme}://127.0.0.1:${port}/mqtt`, SHORT);
      const says = /connected, but no answer .* within 2 s: .* is silent/;
      expectFault(seen, step, says, /ss -ltnp/);
    });

    test(`${scheme}: names a server that hangs up`, async () => {
      const port = await listen((socket) => socket.end());
      const seen = await visit(`${scheme}://127.0.0.1:${port}/mqtt`, SHORT);
      const says = /closed (without|in the midst)/;
      expectFault(seen, step, says, /ss -ltnp/);
    });
  }

  test("names TLS where plain HTTP is spoken", async () => {
    const seen = await visit(`wss://127.0.0.1:${plant.port}/mqtt`);
    const says = /the port speaks plain HTTP, not TLS/;
    expectFault(seen, "tls", says, /write ws:\/\/ .* or give .* group tls/);
  });

  test("names plain HTTP where TLS is spoken", async () => {
    const seen = await visit(`ws://127.0.0.1:${secured}/mqtt`);
    const says = /the port speaks TLS, not plain HTTP/;
    expectFault(seen, "upgrade", says, /write wss:\/\/ in place of ws:\/\//);
  });

  test("names a broker's own port", async () => {
    const seen = await visit(`ws://127.0.0.1:${plant.broker.port}/mqtt`);
    const says = /MQTT broker's own, which no browser can speak to/;
    expectFault(seen, "upgrade", says, /servers of its upstream/);
  });

  test("names what is no HTTP, and shows it harmless", async () => {
    const port = await listen((socket) => {
      socket.end("SSH-2.0-x\x1b[31m\r\n");
    });
    const seen = await visit(`ws://127.0.0.1:${port}/mqtt`, SHORT);
    const says = /is no HTTP: "SSH-2\.0-x\\x1b\[31m\\x0d\\x0a"/;
    expectFault(seen, "upgrade", says, /what listens on port/);
  });

  test("names an authority that is not known", async () => {
    const seen = await visit(`wss://localhost:${secured}/mqtt`);
    const says = /unknown issuer "\/CN=test CA"/;
    expectFault(seen, "certificate", says, /--ca here and import it/);
  });

  test("names the name that a certificate has not", names, async () => {
    const server = await NameServer.start({ hosts: { "b.test": "127.0.0.1" } });
    servers.push(server);
    const { wrap } = server;
    const words = ["--ca", authority];
    const url = `wss://b.test:${secured}/mqtt`;
    const seen = await visit(url, words, { wrap });
    const says = /it has "localhost", .*, wanted is "b\.test"/;
    expectFault(seen, "certificate", says, /DNS:b\.test/);
    assert.equal(seen.lines.filter(({ word }) => word === "wrong").length, 1);
  });

  test("says that browsers keep pages of https from ws", names, async () => {
    const server = await NameServer.start({ hosts: { "b.test": "127.0.0.1" } });
    servers.push(server);
    const { wrap } = server;
    const words = ["--origin", "https://a.test"];
    const notes = async (host) => {
      const url = `ws://${host}:${plant.port}/`;
      return (await visit(url, words, { wrap })).out;
    };
    assert.match(await notes("b.test"), /^note +origin +browsers let pages/m);
    assert.doesNotMatch(await notes("127.0.0.1"), /browsers let pages/);
  });
});
