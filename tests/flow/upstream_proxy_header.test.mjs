// SPDX-License-Identifier: Apache-2.0
// Brokers that are told who the browser is, by a PROXY header in front of
// each connection: before TLS, and from end to end.
import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";

import { AcceptingHaproxy } from "./fixtures/accepting_haproxy.mjs";
import { Admin } from "./fixtures/admin.mjs";
import { makePair } from "./fixtures/authority.mjs";
import { Broker } from "./fixtures/broker.mjs";
import { jsonRoute, mqttRoute } from "./fixtures/config.mjs";
import { Folder } from "./fixtures/folder.mjs";
import { Plant } from "./fixtures/plant.mjs";
import { freePort } from "./fixtures/ports.mjs";
import * as proxy from "./fixtures/proxy_header.mjs";
import { until } from "./fixtures/wait.mjs";
import { WrongServer } from "./fixtures/wrong_server.mjs";

const { CLIENT, CLIENT6, named } = proxy;
const VERSIONS = ["v1", "v2"];
const KINDS = ["mqtt", "json"];
const VISITOR = "visitor"; // its client id

describe("the octets in front", () => {
  let server, plant;

  before(async () => {
    server = await WrongServer.start(() => {});
    const port = await freePort();
    const inside = await freePort();
    const servers = [`mqtt://127.0.0.1:${server.port}`];
    const folder = await Folder.create();
    plant = await Plant.start({
      secure: false,
      admin: new Admin(await freePort()).setting,
      listeners: [
        { address: "127.0.0.1", port },
        {
          address: "127.0.0.1",
          port: inside,
          proxy_protocol: true,
          trusted_proxies: ["127.0.0.1"],
        },
        { unix: folder.at("ws.sock") },
      ],
      upstreams: VERSIONS.map((name) => ({
        name,
        servers,
        proxy_protocol: name,
      })),
      routes: VERSIONS.map((name) =>
        mqttRoute({ path: `/${name}`, upstream: name }),
      ),
    });
    Object.assign(plant, { port, inside, folder });
  });
  after(async () => {
    await plant?.stop();
    await server?.stop();
    await plant?.folder.remove();
  });

  // What the broker got from the next session, up to its CONNECT. The
  // gateway's own clients come and go meanwhile.
  async function header(options) {
    const before = server.heard.length;
    const browser = await plant.arrive(options);
    browser.connect({ clientId: VISITOR });
    const isIts = (octets) => octets.includes(VISITOR);
    const come = () => server.heard.slice(before).find(isIts);
    const octets = await until(come, { what: "a CONNECT" });
    browser.destroy();
    const at = octets.indexOf("MQTT") - 4; // of its fixed header
    return { octets: octets.subarray(0, at) };
  }
  const HERE = Buffer.from([127, 0, 0, 1]);

  test("v1: are a line", async () => {
    const { octets } = await header({ target: "/v1" });
    const line = new RegExp(
      `^PROXY TCP4 127\\.0\\.0\\.1 127\\.0\\.0\\.1 \\d+ ${plant.port}\r\n$`,
    );
    assert.match(octets.toString("latin1"), line);
  });

  test("v2: are a block", async () => {
    const { octets } = await header({ target: "/v2" });
    const ports = octets.subarray(-4);
    assert.equal(ports.readUInt16BE(2), plant.port);
    const body = Buffer.concat([HERE, HERE, ports]);
    assert.deepEqual(octets, proxy.rawBlock(0x21, 0x11, body));
  });

  for (const client of [CLIENT, CLIENT6]) {
    test(`name the client that a proxy in front told of: ${client.host}`, async () => {
      const preface = proxy.block(client);
      const options = { target: "/v1", port: plant.inside, preface };
      const { octets } = await header(options);
      const [word, family, host, , from, to] = octets
        .toString("latin1")
        .trimEnd()
        .split(" ");
      const is6 = client === CLIENT6;
      assert.deepEqual([word, family], ["PROXY", is6 ? "TCP6" : "TCP4"]);
      assert.deepEqual([host, Number(from)], [client.host, client.port]);
      assert.equal(Number(to), plant.inside);
    });
  }

  test("v1: are UNKNOWN for who came by a Unix socket", async () => {
    const path = plant.folder.at("ws.sock");
    const { octets } = await header({ target: "/v1", path });
    assert.match(octets.toString("latin1"), /^PROXY UNKNOWN\r\n$/);
  });

  test("v2: are LOCAL for who came by a Unix socket", async () => {
    const path = plant.folder.at("ws.sock");
    const { octets } = await header({ target: "/v2", path });
    assert.deepEqual(octets, proxy.localBlock());
  });

  test("are of nobody for the gateway's own connection", async () => {
    const own = (octets) => octets.includes("postern-probe-");
    const starts = await until(() => {
      const all = server.heard.filter(own);
      return all.length >= VERSIONS.length ? all : null;
    });
    for (const octets of starts) {
      const isLine = octets.subarray(0, 15).equals(Buffer.from("PROXY UNKNOWN\r\n"));
      const block = proxy.localBlock();
      assert.ok(isLine || octets.subarray(0, block.length).equals(block));
    }
  });
});

for (const isSecure of [false, true]) {
  describe(`HAProxy in front of the broker${isSecure ? ", in TLS" : ""}`, () => {
    let folder, broker, haproxy, plant;

    before(async () => {
      folder = await Folder.create();
      const pair = await makePair(folder);
      broker = await Broker.start();
      haproxy = await AcceptingHaproxy.start({
        folder,
        to: broker.port,
        secure: isSecure ? pair : null,
      });
      const scheme = isSecure ? "mqtts" : "mqtt";
      const inside = await freePort();
      const upstream = (name) => ({
        name,
        servers: [`${scheme}://127.0.0.1:${haproxy.port}`],
        proxy_protocol: name,
        ...(isSecure && { tls: { ca: pair.ca } }),
      });
      plant = await Plant.start({
        secure: false,
        listeners: [
          {
            address: "127.0.0.1",
            port: inside,
            proxy_protocol: true,
            trusted_proxies: ["127.0.0.1"],
          },
        ],
        upstreams: VERSIONS.map(upstream),
        routes: VERSIONS.flatMap((name) => [
          mqttRoute({ path: `/mqtt/${name}`, upstream: name }),
          jsonRoute({ path: `/json/${name}`, upstream: name }),
        ]),
      });
      plant.port = inside;
    });
    after(async () => {
      await plant?.stop();
      await haproxy?.stop();
      await broker?.stop();
      await folder?.remove();
    });

    for (const version of VERSIONS) {
      for (const kind of KINDS) {
        for (const client of [CLIENT, CLIENT6]) {
          test(`${version}, ${kind}: ${client.host} goes through`, async () => {
            const from = haproxy.lines.length;
            const preface = proxy.line(client);
            const target = `/${kind}/${version}`;
            await (kind === "mqtt" ? talk : converse)({ target, preface });
            const name = named(client).replace(/[[\]]/g, "");
            await haproxy.line(new RegExp(`client=${name} `), { from });
          });
        }
      }
    }

    async function talk(options) {
      const browser = await plant.open(options);
      await browser.subscribe("there");
      browser.publish("there", "and back");
      assert.equal(`${(await browser.message()).payload}`, "and back");
      await browser.leave();
    }

    async function converse(options) {
      const page = await plant.page(options);
      await page.subscribe("there");
      await page.publish("there", "and back");
      assert.equal((await page.message()).payload, "and back");
      await page.leave();
    }
  });
}
