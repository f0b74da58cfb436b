// SPDX-License-Identifier: Apache-2.0
// Real pages in Chromium, with MQTT.js as browsers load it: a page of an
// allowed origin works over wss, a page of another one gets 403, and the
// broker's port sees nothing of it.
import assert from "node:assert/strict";
import { after, afterEach, before, describe, test } from "node:test";

import { makeCertificate } from "../flow/fixtures/certificate.mjs";
import { Client } from "../flow/fixtures/client.mjs";
import { Folder } from "../flow/fixtures/folder.mjs";
import { LEVELS, VERSION_NAMES } from "../flow/fixtures/packets.mjs";
import { Plant } from "../flow/fixtures/plant.mjs";
import { freePort } from "../flow/fixtures/ports.mjs";
import { until } from "../flow/fixtures/wait.mjs";
import { launch, openTab, skip } from "./fixtures/chromium.mjs";
import { Pages } from "./fixtures/pages.mjs";

const MIB = 1024 * 1024;

describe("Chromium", { skip, timeout: 180000 }, () => {
  let folder, pages, plant, browser, device, page, answers;

  before(async () => {
    folder = await Folder.create();
    const { certificate, key } = await makeCertificate(folder);
    pages = { allowed: await Pages.start(), foreign: await Pages.start() };
    const port = await freePort();
    const tls = { certificate, key };
    plant = await Plant.start({
      listener: { port, tls },
      route: { origins: [pages.allowed.origin] },
    });
    plant.port = port;
    device = await Client.open(plant.brokerUrl);
    browser = await launch();
  });
  after(async () => {
    await browser?.close();
    await device?.end();
    await plant?.stop();
    for (const one of Object.values(pages ?? {})) await one.stop();
    await folder?.remove();
  });
  afterEach(async () => {
    await page?.context().close();
    page = null;
  });

  const url = () => `wss://localhost:${plant.port}/mqtt`;

  // A page of `from`, and the answers to its handshakes.
  async function open(from) {
    ({ page, answers } = await openTab(browser, from.origin));
  }

  // These run in the page, where `mqtt` is MQTT.js and `clients` are kept.
  const connect = (options = {}) =>
    page.evaluate(
      ([url, options]) => window.connect(url, options),
      [url(), options],
    );
  const subscribe = (filter, qos = 0) =>
    page.evaluate(
      ([filter, qos]) => window.client.subscribeAsync(filter, { qos }),
      [filter, qos],
    );
  const publish = (topic, text, qos = 0) =>
    page.evaluate(
      ([topic, text, qos]) => window.client.publishAsync(topic, text, { qos }),
      [topic, text, qos],
    );
  const inbox = () => page.evaluate(() => window.inbox);

  for (const level of LEVELS) {
    test(`${VERSION_NAMES[level]}: a page of the allowed origin talks over wss`, async () => {
      await open(pages.allowed);
      const answer = await connect({ level });
      assert.equal(answer, "connected");
      assert.deepEqual(answers, [101]);
      for (const qos of [0, 1, 2]) {
        await subscribe(`page/${qos}`, qos);
        await publish(`page/${qos}`, `own ${qos}`, qos);
        await device.publish(`page/${qos}`, `device ${qos}`, { qos });
      }
      const seen = await until(
        async () => {
          const messages = await inbox();
          return messages.length >= 6 && messages;
        },
        { what: "six messages in the page" },
      );
      const wanted = [0, 1, 2].flatMap((qos) => [
        `page/${qos} own ${qos}`,
        `page/${qos} device ${qos}`,
      ]);
      assert.deepEqual(seen.sort(), wanted.sort());
      await page.evaluate(() => window.client.endAsync());
    });
  }

  test("a page of another origin gets 403, the broker's port nothing", async () => {
    const before = plant.wire.connections;
    await open(pages.foreign);
    const answer = await connect();
    assert.notEqual(answer, "connected");
    await until(() => answers.length > 0, {
      what: "the answer in the browser's network events",
    });
    assert.deepEqual(answers, [403]);
    assert.equal(plant.wire.connections, before);
    const line = await plant.gateway.line(/reason="?origin_unknown"?/);
    assert.ok(line.includes(pages.foreign.origin), line);
  });

  test("a page that sends no CONNECT for 5 s causes no connection", async () => {
    const before = plant.wire.connections;
    await open(pages.allowed);
    const state = await page.evaluate(
      (url) =>
        new Promise((resolve) => {
          const socket = new WebSocket(url, ["mqtt"]);
          socket.onclose = ({ code }) => resolve(`closed ${code}`);
          socket.onopen = () => setTimeout(() => resolve("open"), 5000);
        }),
      url(),
    );
    assert.equal(state, "open");
    assert.deepEqual(answers, [101]);
    assert.equal(plant.wire.connections, before);
  });

  test("5 MiB pass both ways", async () => {
    await open(pages.allowed);
    await connect();
    await device.subscribe("large/up");
    await page.evaluate(async (size) => {
      const octets = new Uint8Array(size);
      for (let i = 0; i < size; i++) octets[i] = (i * 31) & 255;
      await window.client.publishAsync("large/up", octets, { qos: 1 });
    }, 5 * MIB);
    const { payload } = await device.message({ deadline: 20000 });
    assert.equal(payload.length, 5 * MIB);
    assert.ok(payload.every((octet, i) => octet === ((i * 31) & 255)));
    await subscribe("large/down", 1);
    await device.publish("large/down", payload, { qos: 1 });
    const sums = await until(
      () => page.evaluate(() => window.sums["large/down"]),
      {
        deadline: 20000,
        what: "the large message in the page",
      },
    );
    const wanted = payload.reduce((sum, octet) => (sum + octet) % 65521, 0);
    assert.deepEqual(sums, { length: 5 * MIB, sum: wanted });
  });

  test("a closed tab leaves its will", async () => {
    await device.subscribe("tab");
    await open(pages.allowed);
    const will = { topic: "tab", payload: "closed", qos: 1, retain: false };
    assert.equal(await connect({ will }), "connected");
    await page.close();
    const message = await device.message();
    assert.equal(message.payload.toString(), "closed");
  });

  test("a publish followed at once by end() arrives", async () => {
    await device.subscribe("hasty");
    await open(pages.allowed);
    const runs = 50;
    for (let run = 0; run < runs; run++) {
      await connect();
      await page.evaluate((run) => {
        window.client.publish("hasty", `run ${run}`);
        window.client.end();
      }, run);
    }
    const messages = await device.take(runs);
    const seen = new Set(messages.map(({ payload }) => payload.toString()));
    assert.equal(seen.size, runs);
  });

  test("the page reads why it was closed", async () => {
    await open(pages.allowed);
    const end = await page.evaluate(
      (url) =>
        new Promise((resolve) => {
          const socket = new WebSocket(url, ["mqtt"]);
          socket.onclose = ({ code, reason }) => resolve({ code, reason });
          socket.onopen = () => socket.send("text");
        }),
      url(),
    );
    assert.deepEqual(end, { code: 1003, reason: "text_frame" });
  });
});
