// SPDX-License-Identifier: Apache-2.0
// A will is sent when the browser goes without DISCONNECT, and only then.
import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";

import { Client } from "./fixtures/client.mjs";
import { LEVELS, pingreq, VERSION_NAMES } from "./fixtures/packets.mjs";
import { Plant } from "./fixtures/plant.mjs";

for (const level of LEVELS) {
  describe(`with ${VERSION_NAMES[level]}`, () => {
    const will = { topic: "will", payload: "gone", qos: 1, retain: false };
    let plant, watcher;

    before(async () => {
      plant = await Plant.start();
      watcher = await Client.open(plant.brokerUrl);
      await watcher.subscribe("will", 1);
    });
    after(async () => {
      await watcher?.end();
      await plant?.stop();
    });

    async function willIsSent() {
      const message = await watcher.message({ deadline: 2000 });
      assert.equal(message.payload.toString(), "gone");
    }

    test("an MQTT.js client that vanishes leaves its will", async () => {
      const browser = await Client.open(plant.url, { level, will });
      await browser.vanish();
      await willIsSent();
    });

    test("a browser whose connection is reset leaves its will", async () => {
      const browser = await plant.open({ level, session: { will } });
      browser.destroy();
      await willIsSent();
    });

    test("a browser that closes its side of TCP leaves its will", async () => {
      const browser = await plant.open({ level, session: { will } });
      browser.websocket.socket.end();
      await willIsSent();
    });

    test("a close frame without DISCONNECT leaves the will", async () => {
      const browser = await plant.open({ level, session: { will } });
      browser.websocket.close(1001);
      await willIsSent();
    });

    test("a session ended for a bad packet leaves the will", async () => {
      const browser = await plant.open({ level, session: { will } });
      browser.send(Buffer.of(pingreq()[0] | 1, 0));
      await willIsSent();
      browser.destroy();
    });

    test("no will is sent after a clean end", async () => {
      const clientId = `clean-${level}`;
      const browser = await Client.open(plant.url, { level, will, clientId });
      await browser.end();
      await plant.broker.line(
        new RegExp(`(Received DISCONNECT from|Client) ${clientId}`),
      );
      await plant.wire.untilClosed();
      await watcher.publish("will", "nobody has gone", { qos: 1 });
      const message = await watcher.message();
      assert.equal(message.payload.toString(), "nobody has gone");
    });
  });
}
