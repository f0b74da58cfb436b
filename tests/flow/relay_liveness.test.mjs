// SPDX-License-Identifier: Apache-2.0
// Who says nothing is asked, and who does not answer is closed.
import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";

import { connect, pingreq } from "./fixtures/packets.mjs";
import { Plant } from "./fixtures/plant.mjs";
import { PONG } from "./fixtures/websocket.mjs";

describe("a browser that sends no CONNECT", () => {
  let plant;

  before(async () => {
    plant = await Plant.start({ route: { connect_timeout_s: 1 } });
  });
  after(() => plant?.stop());

  async function isClosed(browser) {
    const { code, reason, packets } = await browser.expectClose({
      deadline: 3000,
    });
    assert.deepEqual([code, reason], [1008, "connect_timeout"]);
    assert.deepEqual(packets, []);
    await browser.websocket.untilEnded();
    assert.equal(plant.wire.connections, 0);
  }

  test("is closed 1008 and the broker's port saw nothing", async () => {
    await isClosed(await plant.arrive());
  });

  test("is closed 1008 with half a CONNECT too", async () => {
    const browser = await plant.arrive();
    browser.send(connect().subarray(0, 9));
    await isClosed(browser);
  });

  test("is closed 1008 though it answers and sends pings", async () => {
    const browser = await plant.arrive();
    const timer = setInterval(
      () => browser.websocket.send("", { opcode: PONG }),
      200,
    );
    await isClosed(browser);
    clearInterval(timer);
  });

  test("that does send it in time, stays", async () => {
    const browser = await plant.open();
    const end = performance.now() + 2000;
    while (performance.now() < end) {
      browser.send(pingreq());
      await browser.expect("pingresp");
    }
    await browser.leave();
  });
});

describe("a silent browser", () => {
  let plant;

  before(async () => {
    plant = await Plant.start({ route: { ping_s: 1, pong_s: 1 } });
  });
  after(() => plant?.stop());

  test("is pinged, and closed 1001 when it never answers", async () => {
    const browser = await plant.open();
    const link = plant.wire.links.at(-1);
    browser.websocket.answerPings = false;
    const { code, reason } = await browser.expectClose({ deadline: 4000 });
    assert.deepEqual([code, reason], [1001, "idle"]);
    assert.equal(browser.websocket.pings, 1);
    await plant.wire.untilClosed({ link });
  });

  test("stays as long as it answers pings", async () => {
    const browser = await plant.open();
    await browser.subscribe("still/here");
    const asked = () => {
      if (browser.websocket.socket.ended) throw new Error("it was closed");
      return browser.websocket.pings >= 4;
    };
    const watching = browser.message({ deadline: 10000 });
    await browser.websocket.socket.until(asked, {
      deadline: 8000,
      what: "four pings",
    });
    browser.publish("still/here", "yes");
    assert.equal((await watching).payload.toString(), "yes");
    await browser.leave();
  });

  test("is not pinged while it talks", async () => {
    const browser = await plant.open();
    const end = performance.now() + 2500;
    while (performance.now() < end) {
      browser.send(pingreq());
      await browser.expect("pingresp");
    }
    assert.equal(browser.websocket.pings, 0);
    await browser.leave();
  });
});
