// SPDX-License-Identifier: Apache-2.0
// A browser that is not read, because the broker does not read, and vanishes.
import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";

import { Plant } from "./fixtures/plant.mjs";
import { still } from "./fixtures/wait.mjs";

const MIB = 1024 * 1024;

describe("a browser that floods a broker that does not read", () => {
  let plant;

  before(async () => {
    plant = await Plant.start();
  });
  after(() => plant?.stop());

  test("and is reset, ends its session", async () => {
    const browser = await plant.open();
    plant.wire.stall();
    const payload = Buffer.alloc(32 * MIB);
    browser.publish("flood", payload);
    await still(() => browser.websocket.socket.waiting);
    assert.ok(browser.websocket.socket.waiting > 0, "held up");
    browser.websocket.socket.destroy();
    await plant.gateway.line(/closed reason=browser_vanished /);
  });
});
