// SPDX-License-Identifier: Apache-2.0
// Of publishes that look alike, some of which the rules refuse, each has its
// own answer.
import assert from "node:assert/strict";
import { afterEach, beforeEach, describe, test } from "node:test";

import { jsonRoutes } from "./fixtures/config.mjs";
import { VERSION_NAMES } from "./fixtures/packets.mjs";
import { VERSIONS } from "./fixtures/page.mjs";
import { Plant } from "./fixtures/plant.mjs";

const ORDERS = { // whether each is retained, and so refused
  "a refused one after a good one": [false, true],
  "a refused one before a good one": [true, false],
  "one between two of the other": [false, true, false, true],
};

for (const version of VERSIONS) {
  describe(`publishes of one topic and length, with ${VERSION_NAMES[version]}`, () => {
    let plant, page;

    beforeEach(async () => {
      plant = await Plant.start({
        acls: [{ name: "page", rules: ["allow pub t", "deny retain t"] }],
        routes: jsonRoutes({ acl: "page" }),
      });
      page = await plant.page({ target: `/json${version}` });
    });
    afterEach(() => plant?.stop());

    for (const qos of [1, 2]) {
      for (const [name, order] of Object.entries(ORDERS)) {
        test(`${name} of QoS ${qos} has its own answer`, async () => {
          plant.wire.stall(); // the good ones are under way until then
          const ids = order.map((retain, i) =>
            page.start({ type: "publish", topic: "t", payload: `${i}`, qos, retain }),
          );
          for (const [i, id] of ids.entries()) {
            if (!order[i]) continue;
            const { success, error } = await page.answer(id);
            assert.deepEqual([success, error.code], [false, 135]);
          }
          assert.deepEqual(await page.settle(), []);
          plant.wire.resume();
          for (const [i, id] of ids.entries()) {
            if (order[i]) continue;
            const ack = await page.answer(id);
            assert.equal(ack.success, true, ack.text);
          }
          await page.publish("t", "x", { qos });
          assert.deepEqual(await page.settle(), []);
          assert.equal(plant.wire.connections, 1);
        });
      }
    }
  });
}
