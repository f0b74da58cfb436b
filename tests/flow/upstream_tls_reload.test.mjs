// SPDX-License-Identifier: Apache-2.0
// Files of an upstream that hold something else than they did: its routes have
// changed at the next reload, others have not.
import assert from "node:assert/strict";
import { copyFile } from "node:fs/promises";
import { after, before, describe, test } from "node:test";

import { Authority } from "./fixtures/authority.mjs";
import { Broker } from "./fixtures/broker.mjs";
import { mqttRoute, plant as plainUpstream } from "./fixtures/config.mjs";
import { Folder } from "./fixtures/folder.mjs";
import { Plant } from "./fixtures/plant.mjs";

describe("an upstream in TLS", () => {
  let folder, plant, authority, other, tls, broker;

  before(async () => {
    folder = await Folder.create();
    authority = await Authority.create(folder);
    other = await Authority.create(folder, "other");
    broker = await Broker.start({
      secure: {
        ca: authority.certificate,
        server: await authority.server(),
      },
    });
    tls = {
      ca: folder.at("used.ca"),
      certificate: folder.at("used.pem"),
      key: folder.at("used.key"),
    };
    await copyFile(authority.certificate, tls.ca);
    await use(await authority.client("/CN=first"));
    plant = await Plant.start({
      secure: false,
      upstreams: [
        { name: "plant", servers: [`mqtts://127.0.0.1:${broker.securePort}`], tls },
        plainUpstream(broker.port, { name: "plain" }),
      ],
      routes: [mqttRoute(), mqttRoute({ path: "/plain", upstream: "plain" })],
    });
  });
  after(async () => {
    await plant?.stop();
    await broker?.stop();
    await folder?.remove();
  });

  async function use({ certificate, key }) {
    await copyFile(certificate, tls.certificate);
    await copyFile(key, tls.key);
  }

  async function bothOpen() {
    return [await plant.open(), await plant.open({ target: "/plain" })];
  }

  async function isChanged([secure, plain]) {
    const { code, reason } = await secure.expectClose();
    assert.deepEqual([code, reason], [1012, "reload"]);
    await plain.subscribe("still/there");
    plain.destroy();
  }

  test("is the same as long as they hold the same", async () => {
    const browsers = await bothOpen();
    await copyFile(authority.certificate, tls.ca); // as new as can be
    await plant.reload();
    for (const browser of browsers) {
      await browser.subscribe("still/there");
      await browser.leave();
    }
  });

  test("has changed with the certificate that the gateway shows", async () => {
    const browsers = await bothOpen();
    await use(await authority.client("/CN=second"));
    await plant.reload();
    await isChanged(browsers);
    const browser = await plant.open();
    await browser.leave();
  });

  test("stays what it was when they are no good", async () => {
    const browsers = await bothOpen();
    await copyFile((await other.client("/CN=none")).key, tls.key);
    const line = await plant.gateway.notReloaded();
    assert.match(line, /reload failed/);
    await use(await authority.client("/CN=third"));
    for (const browser of browsers) {
      await browser.subscribe("still/there");
      await browser.leave();
    }
  });

  test("has changed with those whom it trusts", async () => {
    const browsers = await bothOpen();
    await copyFile(other.certificate, tls.ca);
    await plant.reload();
    await isChanged(browsers);
    const browser = await plant.arrive();
    browser.connect();
    const { code, reason } = await browser.expectClose();
    assert.deepEqual([code, reason], [1013, "upstream_unreachable"]);
    await plant.gateway.line(/certificate refused: /);
  });
});
