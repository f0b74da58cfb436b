// SPDX-License-Identifier: Apache-2.0
// The will of a route is sent when a page goes without a word, and not when
// it closes as pages do.
import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";

import { Client } from "./fixtures/client.mjs";
import { jsonRoutes } from "./fixtures/config.mjs";
import { packetsIn, VERSION_NAMES } from "./fixtures/packets.mjs";
import { VERSIONS } from "./fixtures/page.mjs";
import { Plant } from "./fixtures/plant.mjs";
import { readProperties } from "./fixtures/properties.mjs";

const PROMPTLY = { deadline: 2000 };

for (const version of VERSIONS) {
  describe(`with ${VERSION_NAMES[version]}`, () => {
    const target = `/json${version}`;
    let plant, watcher;

    before(async () => {
      const will = {
        topic: "wills/${session}",
        payload: "gone: ${client}",
        qos: 1,
        retain: false,
      };
      plant = await Plant.start({ routes: jsonRoutes({ will, ping_s: 1, pong_s: 1 }) });
      watcher = await Client.open(plant.brokerUrl);
      await watcher.subscribe("wills/#", 1);
    });
    after(async () => {
      await watcher?.end();
      await plant?.stop();
    });

    // A page, and the packets that its session has sent to the broker.
    async function open() {
      const page = await plant.page({ target });
      const { session, client_id } = await page.connected();
      const link = plant.wire.linkOf(client_id);
      const packets = () => packetsIn(link.kept, version);
      return { page, session, client_id, link, packets };
    }

    async function leavesItsWill(end) {
      const { page, session, client_id, link, packets } = await open();
      await end(page);
      const message = await watcher.message(PROMPTLY);
      assert.equal(message.topic, `wills/${session}`);
      assert.equal(message.payload.toString(), `gone: ${client_id}`);
      assert.deepEqual([message.qos, message.retain], [1, false]);
      await plant.wire.untilClosed({ link });
      const types = packets().map(({ type }) => type);
      assert.ok(!types.includes("disconnect"), `${types}`);
      page.destroy();
    }

    async function leavesNone(end) {
      const { page, link, packets } = await open();
      await end(page);
      await plant.wire.untilClosed({ link });
      const last = packets().at(-1);
      assert.equal(last.type, "disconnect");
      assert.equal(last.code, 0);
      if (version === 5) {
        assert.equal(readProperties(last.properties).sessionExpiry, 0);
      }
      await watcher.publish("wills/fence", "nobody has gone", { qos: 1 });
      assert.equal((await watcher.message()).topic, "wills/fence");
    }

    test("the will goes out in CONNECT", async () => {
      const { page, session, client_id, packets } = await open();
      const { will } = packets()[0];
      assert.equal(will.topic, `wills/${session}`);
      assert.equal(will.payload.toString(), `gone: ${client_id}`);
      assert.deepEqual([will.qos, will.retain], [1, false]);
      await page.leave();
    });

    test("a page whose connection is reset leaves it", () =>
      leavesItsWill((page) => page.destroy()));

    test("a page that closes its side of TCP leaves it", () =>
      leavesItsWill((page) => page.websocket.socket.end()));

    test("a page that does not answer pings leaves it", () =>
      leavesItsWill(async (page) => {
        page.websocket.answerPings = false;
        const { code } = await page.expectClose({ deadline: 8000 });
        assert.equal(code, 1001);
      }));

    test("a page that sends what is no JSON leaves it", () =>
      leavesItsWill((page) => page.send("{")));

    for (const code of [1001, 1011]) {
      test(`a page that closes with ${code} leaves it`, () =>
        leavesItsWill((page) => page.websocket.close(code)));
    }

    for (const code of [1000, null, 3000, 4000, 4999]) {
      test(`a page that closes with ${code ?? "no code"} leaves none`, () =>
        leavesNone((page) => page.leave(code)));
    }

    test("what was published before a clean end arrives", async () => {
      await leavesNone(async (page) => {
        for (let i = 0; i < 50; i++) {
          const qos = i % 3;
          page.send({ type: "publish", topic: "wills/late", payload: i, qos });
        }
        await page.leave();
        const seen = await watcher.take(50);
        assert.ok(seen.every(({ topic }) => topic === "wills/late"));
      });
    });

    test("a page that comes after another has a will of its own", async () => {
      const { page, session } = await open();
      const other = await open();
      page.destroy();
      const { topic } = await watcher.message(PROMPTLY);
      assert.equal(topic, `wills/${session}`);
      await other.page.leave();
    });
  });
}
