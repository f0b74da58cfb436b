// SPDX-License-Identifier: Apache-2.0
// Brokers that are reached in TLS: whom the gateway trusts, what it shows,
// and whose name it asks for, with sessions of each kind.
import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { after, before, describe, test } from "node:test";
import tls from "node:tls";

import { Authority } from "./fixtures/authority.mjs";
import { Broker } from "./fixtures/broker.mjs";
import { Channel } from "./fixtures/channel.mjs";
import { channelRoute } from "./fixtures/channel_route.mjs";
import { Client } from "./fixtures/client.mjs";
import { jsonRoutes } from "./fixtures/config.mjs";
import { Folder } from "./fixtures/folder.mjs";
import { LEVELS, VERSION_NAMES } from "./fixtures/packets.mjs";
import { VERSIONS } from "./fixtures/page.mjs";
import { Plant } from "./fixtures/plant.mjs";
import { freePort } from "./fixtures/ports.mjs";
import { SilentServer } from "./fixtures/silent_server.mjs";

const LARGE = Buffer.alloc(3 * 1024 * 1024, "0123456789abcdef!");
const ROUTES = [...jsonRoutes(), channelRoute()];

describe("a broker that wants a certificate", () => {
  let plant, device;

  before(async () => {
    plant = await Plant.start({ secure: true, routes: ROUTES });
    device = await Client.open(plant.brokerUrl);
    await device.subscribe("up/#");
  });
  after(async () => {
    await device?.end();
    await plant?.stop();
  });

  for (const level of LEVELS) {
    for (const payload of [Buffer.from("small"), LARGE]) {
      test(`${VERSION_NAMES[level]}: ${payload.length} octets go up and come down`, async () => {
        const browser = await plant.open({ level });
        await browser.subscribe("down/mqtt");
        browser.publish("up/mqtt", payload);
        const up = await device.message({ deadline: 20000 });
        assert.ok(up.payload.equals(payload));
        await device.publish("down/mqtt", payload);
        const down = await browser.message({ deadline: 20000 });
        assert.ok(down.payload.equals(payload));
        await browser.leave();
      });
    }
  }

  for (const version of VERSIONS) {
    test(`json, ${VERSION_NAMES[version]}: messages go up and come down`, async () => {
      const page = await plant.page({ target: `/json${version}` });
      await page.subscribe(`down/json${version}`);
      await page.publish("up/json", "hello", { qos: 1 });
      const { payload } = await device.message();
      assert.equal(payload.toString(), "hello");
      await device.publish(`down/json${version}`, "back");
      assert.equal((await page.message()).payload, "back");
      await page.leave();
    });
  }

  test("channel: messages go up and come down", async () => {
    const channel = await Channel.open({ port: plant.port });
    await plant.broker.line(/chat\/lobby/);
    channel.send("hello");
    assert.equal(await channel.text(), "hello");
    await channel.close();
  });

  test("is in the log under its address, as any other", async () => {
    const line = await plant.gateway.line(/^session \S+ opened /);
    assert.match(line, new RegExp(` upstream=127.0.0.1:${plant.wire.port} `));
  });

  test("hears nothing that is not TLS", () => {
    const links = plant.wire.links.filter(({ up }) => up > 0);
    assert.ok(links.length > 0);
    for (const { kept } of links) assert.equal(kept[0], 0x16);
    assert.equal(plant.wire.linkOf("MQTT"), undefined);
  });
});

describe("the authorities of the system", () => {
  let plant;

  before(async () => {
    const folder = await Folder.create();
    const authority = await Authority.create(folder);
    const secure = {
      ca: authority.certificate,
      server: await authority.server(),
      demand: false,
    };
    const broker = await Broker.start({ secure });
    const servers = [`mqtts://localhost:${broker.securePort}`];
    plant = await Plant.start({
      secure: false,
      upstream: { servers },
      env: { SSL_CERT_FILE: authority.certificate },
    });
    plant.atEnd = async () => {
      await broker.stop();
      await folder.remove();
    };
  });
  after(async () => {
    await plant?.stop();
    await plant?.atEnd();
  });

  test("are trusted where no ca is named", () => plant.unaffected());
});

describe("the name that the gateway asks for", () => {
  let folder, pair, server, names;

  before(async () => {
    folder = await Folder.create();
    const authority = await Authority.create(folder);
    pair = {
      ca: authority.certificate,
      server: await authority.server(["broker.example", "*.plant.example"]),
    };
    const { certificate, key } = pair.server;
    const [cert, pem] = await Promise.all([certificate, key].map((x) => readFile(x)));
    names = [];
    server = tls.createServer({ cert, key: pem });
    server.on("secureConnection", (socket) => {
      names.push(socket.servername);
      socket.on("error", () => {});
      socket.once("data", () => socket.write(Buffer.from("20020000", "hex")));
    });
    await new Promise((resolve) => server.listen(0, "127.0.0.1", resolve));
  });
  after(async () => {
    server?.close();
    await folder?.remove();
  });

  const cases = {
    "server_name, before the host": ["127.0.0.1", "broker.example"],
    "server_name, with a wildcard": ["localhost", "a.plant.example"],
    "server_name, with the dot of the root": ["localhost", "broker.example."],
  };
  for (const [name, [host, server_name]] of Object.entries(cases)) {
    test(name, async () => {
      const servers = [`mqtts://${host}:${server.address().port}`];
      const upstream = { servers, tls: { ca: pair.ca, server_name } };
      const plant = await Plant.start({ secure: false, upstream });
      try {
        const browser = await plant.open();
        assert.equal(names.at(-1), server_name.replace(/\.$/, ""));
        browser.destroy();
      } finally {
        await plant.stop();
      }
    });
  }
});

describe("one of several servers", () => {
  let plant, silent;

  before(async () => {
    silent = await SilentServer.start();
    plant = await Plant.start({ secure: true });
  });
  after(async () => {
    await plant?.stop();
    await silent?.stop();
  });

  test("is reached after those whose TLS is not to be trusted", async () => {
    const { wire, broker } = plant;
    const good = `mqtts://127.0.0.1:${wire.port}`;
    const wrong = [`mqtts://127.0.0.1:${broker.port}`]; // plain, and open
    wrong.push(`mqtts://127.0.0.1:${silent.port}`);
    wrong.push(`mqtts://127.0.0.1:${await freePort()}`);
    const upstream = plant.secured({ servers: [...wrong, good] });
    await plant.reload({ upstream });
    const browser = await plant.open();
    const last = plant.gateway.lines.findLast((line) => / opened /.test(line));
    assert.match(last, new RegExp(` upstream=127.0.0.1:${wire.port} `));
    await browser.leave();
  });
});
