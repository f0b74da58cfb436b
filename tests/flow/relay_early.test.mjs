// SPDX-License-Identifier: Apache-2.0
// Packets that come with the handshake, before its answer, are not lost.
import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";

import { Client } from "./fixtures/client.mjs";
import * as packets from "./fixtures/packets.mjs";
import { LEVELS, VERSION_NAMES } from "./fixtures/packets.mjs";
import { Plant } from "./fixtures/plant.mjs";
import { closeFrame, frame } from "./fixtures/websocket.mjs";

describe("packets in the segment of the handshake", () => {
  let plant;

  before(async () => {
    plant = await Plant.start();
  });
  after(() => plant?.stop());

  for (const level of LEVELS) {
    const first = [
      packets.connect({ level, clientId: `early-${level}` }),
      packets.subscribe({ level, filters: [["early", 0]] }),
      packets.publish({ level, topic: "early", payload: "bird" }),
    ];

    async function allAnswered(after) {
      const browser = await plant.arrive({ level, after });
      assert.equal((await browser.expect("connack")).code, 0);
      await browser.expect("suback");
      assert.equal((await browser.message()).payload.toString(), "bird");
      await browser.leave();
    }

    test(`${VERSION_NAMES[level]}: in one frame are answered`, async () => {
      await allAnswered(frame(Buffer.concat(first)));
    });

    test(`${VERSION_NAMES[level]}: in a frame each are answered`, async () => {
      await allAnswered(Buffer.concat(first.map((bytes) => frame(bytes))));
    });

    test(`${VERSION_NAMES[level]}: with the end of the session too, reach the broker`, async () => {
      const device = await Client.open(plant.brokerUrl);
      await device.subscribe("hasty");
      const all = [
        packets.connect({ level, clientId: `hasty-${level}` }),
        packets.publish({ level, topic: "hasty", payload: "all at once" }),
        packets.disconnect({ level }),
      ].map((bytes) => frame(bytes));
      const after = Buffer.concat([...all, closeFrame(1000)]);
      const browser = await plant.arrive({ level, after });
      const message = await device.message();
      assert.equal(message.payload.toString(), "all at once");
      await browser.websocket.untilEnded();
      await device.end();
    });
  }
});
