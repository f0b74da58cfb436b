// SPDX-License-Identifier: Apache-2.0
// F11: brokers whose TLS is not to be trusted, or none at all. Nobody gets
// through to them, the log says why, and sessions elsewhere feel nothing.
import assert from "node:assert/strict";
import { randomBytes } from "node:crypto";
import { readFile } from "node:fs/promises";
import { after, before, describe, test } from "node:test";
import tls from "node:tls";

import { Authority, makePair } from "./fixtures/authority.mjs";
import { Broker } from "./fixtures/broker.mjs";
import { Browser } from "./fixtures/browser.mjs";
import { configText, jsonRoute, mqttRoute } from "./fixtures/config.mjs";
import { makeDatedCertificate } from "./fixtures/dated_certificate.mjs";
import { Folder } from "./fixtures/folder.mjs";
import { Gateway } from "./fixtures/gateway.mjs";
import { LEVELS, VERSION_NAMES } from "./fixtures/packets.mjs";
import { Page } from "./fixtures/page.mjs";
import { freePort } from "./fixtures/ports.mjs";
import { Probe } from "./fixtures/probe.mjs";
import { WrongServer } from "./fixtures/wrong_server.mjs";

const LIMIT_MS = 1500; // connect_timeout_ms
const HANDSHAKE = 0x16; // first octet of a TLS record with a hello
const PASSWORD = "a password that nobody may see";

// By name: what the log says of it.
const CASES = {
  "another name": /why="certificate refused: hostname mismatch"/,
  "another address": /why="certificate refused: IP address mismatch"/,
  "a name in part of a wildcard":
    /why="certificate refused: hostname mismatch"/,
  expired: /why="certificate refused: certificate has expired"/,
  "not valid yet": /why="certificate refused: certificate is not yet valid"/,
  "an authority that nobody knows":
    /why="certificate refused: unable to get local issuer certificate"/,
  "one of no authority": /why="certificate refused: self-signed certificate"/,
  "an authority that the system does not know":
    /why="certificate refused: unable to get local issuer certificate"/,
  "TLS 1.1": /why="TLS failed: (?:tlsv1 alert protocol version|unsupported protocol)"/,
  "suites without a key for each connection":
    /why="TLS failed: (?:sslv3|ssl\/tls) alert handshake failure"/,
  "plain MQTT": /why="TLS failed: (?:the server closed the connection|Connection reset by peer)"/,
  "plain HTTP": /why="TLS failed: (?:wrong version number|http request)"/,
  garbage: /why="TLS failed: [^"]+"/,
  silence: /why="TLS not answered in time"/,
  "silence after half a hello": /why="TLS not answered in time"/,
  "an end": /why="TLS failed: the server closed the connection"/,
};
// The broker refuses us: it tells when the handshake is over for us.
const REFUSALS = {
  "no certificate of ours": /why="tlsv13 alert certificate required"/,
  "a certificate of ours that it does not know":
    /why="tlsv1 alert unknown ca"/,
};

let folder, broker, gateway, probe, port;
const servers = [];
const deciphered = []; // by servers that should have heard nothing

// Each case: the settings of an upstream.
async function setCases() {
  const pair = await makePair(folder);
  const { ca } = pair;
  const stranger = await Authority.create(folder, "stranger");
  const dated = (name, from, to) =>
    makeDatedCertificate(folder, { name, from, to });
  broker = await Broker.start({ secure: pair });

  async function speak({ certificate, key }, options = {}) {
    const cert = await readFile(certificate);
    const pem = { cert, key: await readFile(key) };
    return start((socket) => secure(socket, { ...pem, ...options }));
  }
  async function start(serve) {
    const server = await WrongServer.start(serve);
    servers.push(server);
    return server.port;
  }
  const at = (host, to, more = {}) => ({
    servers: [`mqtts://${host}:${to}`],
    tls: { ca, ...more },
  });

  const { authority } = pair;
  const elsewhere = ["elsewhere.example", "IP:192.0.2.1"];
  const other = await speak(await authority.server(elsewhere));
  const wild = ["broker*.example.com"];
  const partial = await speak(await authority.server(wild));
  const expired = await dated("expired", -9, -2);
  const early = await dated("early", 2, 9);
  const alone = await dated("alone", -2, 9);
  const unknown = await speak(await stranger.server());
  const old = { maxVersion: "TLSv1.1", minVersion: "TLSv1" };
  const weak = { maxVersion: "TLSv1.2", ciphers: "ECDHE-ECDSA-AES128-SHA" };
  const foreign = await stranger.client("/CN=foreign");
  const ciphers = "DEFAULT@SECLEVEL=0";
  const garbage = randomBytes(4096).fill(0x15, 0, 1);
  const half = Buffer.from("160303007a02000076", "hex");
  return {
    "another name": at("localhost", other),
    "another address": at("127.0.0.1", other),
    "a name in part of a wildcard": at("localhost", partial, {
      server_name: "broker-a.example.com",
    }),
    expired: at("localhost", await speak(expired), {
      ca: expired.certificate,
    }),
    "not valid yet": at("localhost", await speak(early), {
      ca: early.certificate,
    }),
    "an authority that nobody knows": at("localhost", unknown),
    "one of no authority": at("localhost", await speak(alone)),
    "an authority that the system does not know": {
      servers: [`mqtts://localhost:${unknown}`],
    },
    "TLS 1.1": at(
      "localhost",
      await speak(pair.server, { ...old, ciphers }),
    ),
    "suites without a key for each connection": at(
      "localhost",
      await speak(pair.server, weak),
    ),
    "plain MQTT": at("localhost", broker.port),
    "plain HTTP": at(
      "localhost",
      await start((socket) => socket.write("HTTP/1.1 400 Bad Request\r\n\r\n")),
    ),
    garbage: at("localhost", await start((socket) => socket.write(garbage))),
    silence: at("localhost", await start(() => {})),
    "silence after half a hello": at(
      "localhost",
      await start((socket) => socket.write(half)),
    ),
    "an end": at("localhost", await start((socket) => socket.end())),
    "no certificate of ours": at("localhost", broker.securePort),
    "a certificate of ours that it does not know": at(
      "localhost",
      broker.securePort,
      { certificate: foreign.certificate, key: foreign.key },
    ),
  };
}

// What it hears in TLS counts as heard, too.
function secure(socket, options) {
  const secured = new tls.TLSSocket(socket, { isServer: true, ...options });
  secured.on("error", () => {});
  secured.on("data", (bytes) => deciphered.push(bytes));
}

before(async () => {
  folder = await Folder.create();
  probe = await Probe.start();
  port = await freePort();
  const cases = Object.entries(await setCases());
  const upstreams = cases.map(([name, settings]) => ({
    name,
    connect_timeout_ms: LIMIT_MS,
    ...settings,
  }));
  const routes = cases.flatMap(([upstream], i) => [
    mqttRoute({ path: `/mqtt${i}`, upstream }),
    jsonRoute({ path: `/json${i}`, upstream }),
  ]);
  const plain = [`mqtt://127.0.0.1:${probe.port}`];
  const config = configText({
    port,
    upstreams: [...upstreams, { name: "good", servers: plain }],
    routes: [...routes, mqttRoute({ path: "/good", upstream: "good" })],
  });
  // Where no authority is known, whatever this machine knows.
  const env = { SSL_CERT_FILE: folder.at("none"), SSL_CERT_DIR: folder.path };
  gateway = await Gateway.start({ config, env });
  await probe.begin("good", [{ port, target: "/good" }]);
});
after(async () => {
  try {
    const { good } = await probe.take();
    assert.ok(good.times.length > 0);
    assert.equal(good.lost, 0, "messages of the session elsewhere");
  } finally {
    await probe?.stop();
    await gateway?.stop();
    await broker?.stop();
    for (const server of servers) await server.stop();
    await folder?.remove();
  }
});

const names = [...Object.keys(CASES), ...Object.keys(REFUSALS)];
const isRefusal = (name) => name in REFUSALS;

for (const [i, name] of names.entries()) {
  describe(`a broker with ${name}`, () => {
    for (const level of LEVELS) {
      const code = level === 5 ? 0x88 : 3;
      test(`${VERSION_NAMES[level]}: is CONNACK ${code}, then 1013`, async () => {
        const browser = await Browser.arrive({
          port,
          target: `/mqtt${i}`,
          level,
        });
        browser.connect({ username: "somebody", password: PASSWORD });
        const { code: end, reason, packets } = await browser.expectClose();
        assert.deepEqual([end, reason], [1013, "upstream_unreachable"]);
        assert.deepEqual([packets.length, packets[0]?.code], [1, code]);
      });
    }

    test("says why in the log", async () => {
      const text = { ...CASES, ...REFUSALS }[name].source;
      const event = isRefusal(name) ? "upstream lost" : "upstream not reached";
      const told = `${event} reason=upstream_unreachable server=mqtts://`;
      await gateway.line(new RegExp(`^warning: ${told}.* ${text}`));
    });

    test("json: is told, and tried again", async () => {
      const page = await Page.arrive({ port, target: `/json${i}` });
      const told = await page.frame("status", { deadline: 10000 });
      assert.ok(["reconnecting", "down"].includes(told.upstream), told.text);
      assert.ok(Number.isInteger(told.retry_in_ms), told.text);
      page.destroy();
    });
  });
}

test("nobody but a broker that was certified has heard a CONNECT", () => {
  assert.equal(deciphered.length, 0);
  for (const { heard } of servers) {
    for (const octets of heard) {
      assert.ok(octets.length === 0 || octets[0] === HANDSHAKE);
      assert.ok(!octets.includes("MQTT") && !octets.includes(PASSWORD));
    }
  }
});

test("the same reason was said once in this minute", () => {
  const told = gateway.lines.filter((line) =>
    line.includes("TLS not answered in time"),
  );
  assert.equal(told.length, 2, told.join("\n"));
});
