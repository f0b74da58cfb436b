// SPDX-License-Identifier: Apache-2.0
// A page in Chromium whose user has a certificate: the gateway knows who it
// is; without one nobody gets in where one is required.
import assert from "node:assert/strict";
import { after, afterEach, before, describe, test } from "node:test";

import { Authority } from "../flow/fixtures/authority.mjs";
import { Folder } from "../flow/fixtures/folder.mjs";
import { LEVELS, VERSION_NAMES } from "../flow/fixtures/packets.mjs";
import { Plant } from "../flow/fixtures/plant.mjs";
import { freePort } from "../flow/fixtures/ports.mjs";
import { until } from "../flow/fixtures/wait.mjs";
import * as chromium from "./fixtures/chromium.mjs";
import { whyNoNamespace } from "./fixtures/namespace.mjs";
import { Pages } from "./fixtures/pages.mjs";

// It would ask its user which to show: a policy says so in advance.
const POLICY = {
  AutoSelectCertificateForUrls: ['{"pattern":"*","filter":{}}'],
};
// Chromium asks for none when a WebSocket wants one: it takes what was chosen
// for that host before, so pages make a request there first.
const visit = (url) =>
  fetch(url, { mode: "no-cors", credentials: "include" }).catch(() => null);
const skip = chromium.skip || whyNoNamespace() || false;

describe("a user with a certificate", { skip, timeout: 180000 }, () => {
  let folder, bare, pages, plant, known, unknown, page;

  before(async () => {
    folder = await Folder.create();
    bare = await Folder.create();
    const servers = await Authority.create(folder, "servers");
    const clients = await Authority.create(folder, "clients");
    const { certificate, key } = await servers.server(["localhost"]);
    pages = await Pages.start();
    const port = await freePort();
    const client_ca = clients.certificate;
    const asks = { client_certificate: "required", client_ca };
    plant = await Plant.start({
      listener: { port, tls: { certificate, key, ...asks } },
      route: { origins: [pages.origin] },
    });
    plant.port = port;
    const home = await chromium.trusting(folder, servers.certificate);
    const program = await chromium.obeying(folder, POLICY);
    await chromium.certify(folder, await clients.client("/CN=anna"));
    known = await chromium.launch({ home, program });
    const other = await chromium.trusting(bare, servers.certificate);
    unknown = await chromium.launch({ home: other, program });
  });
  after(async () => {
    await known?.close();
    await unknown?.close();
    await plant?.stop();
    await pages?.stop();
    await folder?.remove();
    await bare?.remove();
  });
  afterEach(() => page?.context().close());

  async function connect(browser, options = {}) {
    const tab = await chromium.openTab(browser, pages.origin, { verify: true });
    ({ page } = tab);
    const url = `wss://localhost:${plant.port}/mqtt`;
    await page.evaluate(visit, `https://localhost:${plant.port}/`);
    return page.evaluate(
      ([url, options]) => window.connect(url, options),
      [url, options],
    );
  }

  for (const level of LEVELS) {
    test(`${VERSION_NAMES[level]}: is its user`, async () => {
      const from = plant.gateway.lines.length;
      assert.equal(await connect(known, { level }), "connected");
      const line = await plant.gateway.line(/^session \S+ opened /, { from });
      assert.match(line, / user=anna /);
      await page.evaluate(async () => {
        await window.client.subscribeAsync("anna", { qos: 1 });
        await window.client.publishAsync("anna", "hello", { qos: 1 });
      });
      const inbox = () => page.evaluate(() => window.inbox);
      await until(async () => (await inbox()).includes("anna hello"));
    });
  }

  test("is let in, another is not, and the log says why", async () => {
    const from = plant.gateway.lines.length;
    assert.notEqual(await connect(unknown), "connected");
    const refused = /^warning: handshake refused reason=tls /;
    const line = await plant.gateway.line(refused, { from });
    assert.match(line, /why="the client left when asked for a certificate: /);
  });
});
