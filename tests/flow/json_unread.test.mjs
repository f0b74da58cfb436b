// SPDX-License-Identifier: Apache-2.0
// A page that asks and asks, and does not read the answers, is not read
// either: memory stays where it was, and others do not feel it.
// Runs alone: it measures memory.
import assert from "node:assert/strict";
import { afterEach, beforeEach, describe, test } from "node:test";

import { jsonRoutes } from "./fixtures/config.mjs";
import { Plant } from "./fixtures/plant.mjs";
import { sharesDuring, throughout } from "./fixtures/processor.mjs";
import { still } from "./fixtures/wait.mjs";
import { frame, TEXT } from "./fixtures/websocket.mjs";

const MOST_BYTES = 64e6; // that are sent, if they are taken
const GROWTH_BYTES = 2e6;
const SHARE = 0.3; // of a processor, with nothing to do

const ASKS = {
  "answers to pings": { type: "ping", id: "x".repeat(60) },
  errors: { type: "publish", id: "x".repeat(60) },
};

describe("a page that does not read", () => {
  let plant, other;

  beforeEach(async () => {
    plant = await Plant.start({
      release: true,
      routes: jsonRoutes({ stall_s: 60 }),
    });
    other = await plant.page({ target: "/json5" });
  });
  afterEach(() => plant?.stop());

  for (const [name, request] of Object.entries(ASKS)) {
    test(`${name} does not make memory grow, nor others wait`, async () => {
      const page = await plant.page({ target: "/json5" });
      const one = frame(JSON.stringify(request), { opcode: TEXT });
      const many = Buffer.concat(Array.from({ length: 1000 }, () => one));
      const before = await plant.gateway.memory();
      let sent = 0;
      const pour = async () => {
        while (sent < MOST_BYTES) {
          await page.websocket.socket.pour(many);
          sent += many.length;
        }
      };
      page.pause();
      const over = pour().catch(() => {}); // it is destroyed at the end
      await still(() => sent, { quiet: 1000, what: "no more is taken" });
      const growth = (await plant.gateway.memory()) - before;
      assert.ok(growth < GROWTH_BYTES, `${growth} octets after ${sent}`);
      assert.ok(sent < MOST_BYTES, "it is not read any more");
      const [share] = await sharesDuring(plant.workers, () =>
        throughout(1000, () => other.settle()),
      );
      assert.ok(share < SHARE, `${share} of a processor`);
      await other.publish("t", "x", { qos: 1 }, { deadline: 1000 });
      assert.deepEqual(await other.settle(), []);
      await plant.unaffected();
      page.destroy();
      await over;
    });
  }
});
