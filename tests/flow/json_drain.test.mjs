// SPDX-License-Identifier: Apache-2.0
// SIGTERM with json sessions: what was acknowledged arrives, what came for
// them too, then 1001.
import assert from "node:assert/strict";
import { afterEach, beforeEach, describe, test } from "node:test";

import { Client } from "./fixtures/client.mjs";
import { jsonRoutes } from "./fixtures/config.mjs";
import { Ledger } from "./fixtures/ledger.mjs";
import { packetsIn, VERSION_NAMES } from "./fixtures/packets.mjs";
import { VERSIONS } from "./fixtures/page.mjs";
import { Plant } from "./fixtures/plant.mjs";
import { until } from "./fixtures/wait.mjs";

const SPREAD_S = 1;
const ENDS_MS = SPREAD_S * 1000 + 5000;
const PAGES = 10;
const AT_ONCE = 20;

describe("a gateway with pages that is told to stop", () => {
  let plant, device;

  beforeEach(async () => {
    plant = await Plant.start({
      workers: 2,
      broker: { settings: ["max_inflight_messages 0"] },
      routes: jsonRoutes(),
      drain: { timeout_s: 10, spread_s: SPREAD_S },
    });
    device = await Client.open(plant.brokerUrl);
  });
  afterEach(async () => {
    await device?.end();
    await plant?.stop();
  });

  const target = (i) => `/json${VERSIONS[i % 2]}`;

  async function endsWith0() {
    const exit = await plant.gateway.ended({ deadline: ENDS_MS });
    assert.deepEqual(exit, { code: 0, signal: null });
  }

  async function isDrained(page) {
    const { code, reason } = await page.expectClose({ deadline: ENDS_MS });
    assert.deepEqual([code, reason], [1001, "drain"]);
  }

  for (const version of VERSIONS) {
    test(`${VERSION_NAMES[version]}: a session gets 1001`, async () => {
      const page = await plant.page({ target: `/json${version}` });
      const { session } = await page.connected();
      plant.gateway.signal("SIGTERM");
      await isDrained(page);
      await page.websocket.untilEnded();
      await plant.gateway.line(
        new RegExp(`^session ${session} closed reason=drain `),
      );
      await endsWith0();
    });
  }

  test("loses nothing that was acknowledged to a page", async () => {
    const ledger = new Ledger();
    await device.subscribe("up/#", 1);
    const pages = [];
    for (let i = 0; i < PAGES; i++) {
      pages.push(await plant.page({ target: target(i) }));
    }
    for (const [i, page] of pages.entries()) {
      let number = 0;
      const publish = () => {
        const id = number++;
        const topic = `up/${i}`;
        ledger.send(`${topic} ${id}`);
        page.send({ type: "publish", id, topic, payload: `${id}`, qos: 1 });
      };
      page.divert("ack", ({ id, success }) => {
        if (!success) return;
        ledger.acknowledge(`up/${i} ${id}`);
        publish();
      });
      for (let n = 0; n < AT_ONCE; n++) publish();
    }
    const many = () => ledger.acknowledged > 2000;
    await until(many, { deadline: 20000, what: "messages under way" });
    plant.gateway.signal("SIGTERM");
    for (const page of pages) await isDrained(page);
    await endsWith0();
    await device.publish("up/last", "");
    const isLast = ({ topic }) => topic === "up/last";
    await until(() => device.messages.some(isLast), { what: "the last one" });
    for (const { topic, payload } of device.messages) {
      ledger.deliver(`${topic} ${payload}`);
    }
    assert.deepEqual(ledger.missing(), []);
  });

  test("passes on what it has acknowledged to the broker", async () => {
    const page = await plant.page({ target: "/json5" });
    await page.subscribe("down", { qos: 1 });
    const { client_id } = await page.connected();
    const link = plant.wire.linkOf(client_id);
    const acknowledged = () =>
      packetsIn(link.kept, 5).filter(({ type }) => type === "puback").length;
    page.pause();
    const payload = "d".repeat(2000);
    for (let i = 0; i < 500; i++) {
      await device.publish("down", `${i} ${payload}`, { qos: 1 });
    }
    await until(() => acknowledged() > 0, { what: "some acknowledged" });
    plant.gateway.signal("SIGTERM");
    await plant.gateway.line(/^draining/);
    page.resume();
    const { code, frames } = await page.expectClose({ deadline: ENDS_MS });
    assert.equal(code, 1001);
    await endsWith0();
    const got = frames.filter(({ type }) => type === "message");
    assert.ok(got.length >= acknowledged(), `${got.length} of ${acknowledged()}`);
    assert.ok(frames.every(({ type }) => type !== "dropped"));
  });

  test("does not wait for a page whose broker is away", async () => {
    const page = await plant.page({ target: "/json5" });
    plant.wire.refuse();
    plant.wire.cut();
    await page.frame("status");
    page.start({ type: "publish", topic: "up/a", payload: "x", qos: 1 });
    await page.settle();
    plant.gateway.signal("SIGTERM");
    const { code } = await page.expectClose({ deadline: 12000 });
    assert.equal(code, 1001);
    await plant.gateway.ended({ deadline: 12000 });
  });

  test("nor for one that was never connected", async () => {
    plant.wire.refuse();
    const page = await plant.newPage({ target: "/json5" });
    await page.status("down");
    plant.gateway.signal("SIGTERM");
    await isDrained(page);
    await endsWith0();
  });
});
