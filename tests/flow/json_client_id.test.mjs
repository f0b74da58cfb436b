// SPDX-License-Identifier: Apache-2.0
// Pages that have one client id, one after the other, do not get what was for
// the one before; those with an id of their own never say Clean Start, which
// would keep mosquitto from saving their session.
import assert from "node:assert/strict";
import { afterEach, beforeEach, describe, test } from "node:test";

import { Client } from "./fixtures/client.mjs";
import { jsonRoute } from "./fixtures/config.mjs";
import { packetsIn } from "./fixtures/packets.mjs";
import { Plant } from "./fixtures/plant.mjs";

const BACK = { deadline: 20000 }; // a reconnection waits for some seconds

describe("a page whose client id", () => {
  let plant, device;

  beforeEach(async () => {
    plant = await Plant.start({
      routes: [
        jsonRoute({ path: "/shared", client_id: "rewrite:kiosk" }),
        jsonRoute({ path: "/own", client_id: "any" }),
        jsonRoute({ path: "/named", client_id: "rewrite:page-${client}" }),
      ],
    });
    device = await Client.open(plant.brokerUrl);
  });
  afterEach(async () => {
    await device?.end();
    await plant?.stop();
  });

  // Clean Start of the newest connection.
  function isClean() {
    const [connect] = packetsIn(plant.wire.links.at(-1).kept);
    assert.equal(connect.type, "connect");
    return connect.clean;
  }

  async function cut(page) {
    plant.wire.cut();
    await page.status("up", BACK);
  }

  test("is that of the one before gets none of its messages", async () => {
    const one = await plant.page({ target: "/shared" });
    const { session, client_id } = await one.connected();
    assert.equal(client_id, "kiosk");
    await one.subscribe("a/#", { qos: 1 });
    one.destroy();
    await plant.gateway.line(new RegExp(`^session ${session} closed `));
    await device.publish("a/1", "old", { qos: 1 });
    const two = await plant.page({ target: "/shared" });
    await two.subscribe("fence", { qos: 1 });
    await device.publish("a/1", "new", { qos: 1 });
    await device.publish("fence", "", { qos: 1 });
    assert.equal((await two.message()).topic, "fence");
    assert.deepEqual(await two.settle(), []);
  });

  test("may be another's says Clean Start with its first CONNECT only", async () => {
    const page = await plant.page({ target: "/shared" });
    assert.equal(isClean(), true);
    await page.subscribe("a", { qos: 1 });
    plant.wire.refuse();
    plant.wire.cut();
    await page.frame("status");
    await device.publish("a", "meanwhile", { qos: 1 });
    await plant.wire.accept();
    await page.status("up", BACK);
    assert.equal(isClean(), false);
    assert.equal((await page.message(BACK)).payload, "meanwhile");
  });

  for (const target of ["/own", "/named"]) {
    test(`is nobody else's (${target}) never says it`, async () => {
      const page = await plant.page({ target });
      assert.equal(isClean(), false);
      await cut(page);
      assert.equal(isClean(), false);
    });
  }
});
