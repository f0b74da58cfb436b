// SPDX-License-Identifier: Apache-2.0
// The will of a channel's route is sent when a tab vanishes, and not when its
// page has closed.
import assert from "node:assert/strict";
import { after, afterEach, before, describe, test } from "node:test";

import { ChannelPlant } from "./fixtures/channel.mjs";
import { channelRoute } from "./fixtures/channel_route.mjs";
import { packetsIn, VERSION_NAMES } from "./fixtures/packets.mjs";

for (const version of [4, 5]) {
  describe(`with ${VERSION_NAMES[version]} the will of a channel`, () => {
    let stage, watcher;

    before(async () => {
      const common = { mqtt_version: version, limits: { packet_bytes: 1000 } };
      const will = { topic: "gone/tab", payload: "gone", qos: 1 };
      const named = {
        topic: "gone/${client}",
        payload: "${session} of ${client}",
        retain: true,
      };
      stage = await ChannelPlant.start({
        routes: [
          channelRoute({ will, ...common }),
          channelRoute({ path: "/named", will: named, ...common }),
        ],
      });
      watcher = await stage.device("gone/#");
    });
    after(() => stage?.stop());
    afterEach(() => stage.leaveAll());

    const connect = () => packetsIn(stage.sent)[0];

    async function isSent() {
      const { topic, payload } = await watcher.message({ deadline: 3000 });
      assert.equal(`${topic} ${payload}`, "gone/tab gone");
    }

    async function isNotSent() {
      await stage.wire.untilClosed();
      await watcher.publish("gone/tab", "nobody", { qos: 1 });
      const { payload } = await watcher.message();
      assert.equal(payload.toString(), "nobody");
    }

    test("is in CONNECT as the route says", async () => {
      await stage.join();
      const { will, clientId } = connect();
      const { topic, payload, qos, retain } = will;
      assert.deepEqual(
        [topic, payload.toString(), qos, retain],
        ["gone/tab", "gone", 1, false],
      );
      assert.match(clientId, /^postern[0-9a-f]{16}$/);
      stage.leaveAll();
      await isSent();
    });

    test("holds the names that the pattern asks for", async () => {
      const seen = new Set();
      for (let run = 0; run < 2; run++) {
        const channel = await stage.join({ target: "/named" });
        const { clientId, will } = connect();
        assert.equal(will.topic, `gone/${clientId}`);
        const [session, client] = will.payload.toString().split(" of ");
        assert.equal(client, clientId);
        assert.match(session, /./);
        assert.equal(will.retain, true);
        seen.add(session);
        channel.destroy();
        const message = await watcher.message();
        assert.equal(message.topic, will.topic);
        assert.ok(message.payload.equals(will.payload));
        const forget = { retain: true };
        await watcher.publish(will.topic, "", forget);
        await watcher.message();
      }
      assert.equal(seen.size, 2, "each session has its own name");
    });

    test("is sent when the connection is reset", async () => {
      const channel = await stage.join();
      channel.destroy();
      await isSent();
    });

    test("is sent when the page ends its side of TCP", async () => {
      const channel = await stage.join();
      channel.websocket.socket.end();
      await isSent();
    });

    test("is sent when the tab is closed, with code 1001", async () => {
      const channel = await stage.join();
      await channel.close(1001);
      await isSent();
    });

    test("is sent when the session is ended for what it said", async () => {
      const channel = await stage.join();
      channel.send("x".repeat(1001));
      await channel.isClosedWith(4413, "too_large");
      await isSent();
    });

    for (const code of [null, 1000, 3000, 4000, 4999]) {
      const how = code === null ? "without a code" : `with code ${code}`;

      test(`is not sent when the page closes ${how}`, async () => {
        const channel = await stage.join();
        await channel.close(code);
        await isNotSent();
      });
    }

    test("is not sent when the page says something and closes at once", async () => {
      const hearer = await stage.device("chat/lobby");
      const channel = await stage.join();
      channel.send("good-bye");
      await channel.close();
      const { payload } = await hearer.message();
      assert.equal(payload.toString(), "good-bye");
      await isNotSent();
    });
  });
}
