// SPDX-License-Identifier: Apache-2.0
// Borders of frames, of segments and of packets have nothing to do with
// each other [MQTT-6.0.0-2].
import assert from "node:assert/strict";
import { randomInt } from "node:crypto";
import { after, before, describe, test } from "node:test";

import * as packets from "./fixtures/packets.mjs";
import { LEVELS, VERSION_NAMES } from "./fixtures/packets.mjs";
import { Plant } from "./fixtures/plant.mjs";
import { frame, PING } from "./fixtures/websocket.mjs";

const CONTINUATION = 0;

for (const level of LEVELS) {
  describe(`with ${VERSION_NAMES[level]}`, () => {
    let plant, browser;

    before(async () => {
      plant = await Plant.start();
      browser = await plant.open({ level });
      await browser.subscribe("t");
    });
    after(async () => {
      await browser?.leave();
      await plant?.stop();
    });

    const message = (payload) =>
      packets.publish({ level, topic: "t", payload });

    async function arrives(...payloads) {
      for (const payload of payloads) {
        const { payload: seen } = await browser.message();
        assert.equal(seen.toString(), payload);
      }
    }

    test("200 packets in one frame all pass in order", async () => {
      const payloads = Array.from({ length: 200 }, (_, i) => `packet ${i}`);
      browser.send(...payloads.map(message));
      await arrives(...payloads);
    });

    test("a packet with one octet a frame passes", async () => {
      const frames = [...message("piecemeal")].map((octet) =>
        frame(Buffer.of(octet)),
      );
      browser.websocket.write(Buffer.concat(frames));
      await arrives("piecemeal");
    });

    test("a packet with one octet a segment passes", async () => {
      await browser.websocket.writeOctets(frame(message("trickle")));
      await arrives("trickle");
    });

    test("a packet over three frames passes", async () => {
      const bytes = message("three frames");
      const pieces = [bytes.subarray(0, 1), bytes.subarray(1, 9)];
      for (const piece of [...pieces, bytes.subarray(9)]) {
        browser.websocket.send(piece);
      }
      await arrives("three frames");
    });

    test("a long head that comes in pieces passes with its payload", async () => {
      const topic = "long/".repeat(60);
      await browser.subscribe(topic);
      const bytes = packets.publish({ level, topic, payload: "long head" });
      browser.websocket.send(bytes.subarray(0, 100));
      browser.websocket.send(bytes.subarray(100));
      await arrives("long head");
    });

    test("a packet over three fragments of a message passes", async () => {
      const bytes = message("three fragments");
      browser.websocket.send(bytes.subarray(0, 2), { fin: false });
      browser.websocket.send(bytes.subarray(2, 10), {
        opcode: CONTINUATION,
        fin: false,
      });
      browser.websocket.send("between", { opcode: PING });
      browser.websocket.send(bytes.subarray(10), { opcode: CONTINUATION });
      const pong = await browser.websocket.next();
      assert.equal(pong.payload.toString(), "between");
      await arrives("three fragments");
    });

    test("an empty frame changes nothing", async () => {
      const bytes = message("around nothing");
      browser.websocket.send(bytes.subarray(0, 3));
      browser.websocket.send("");
      browser.websocket.send(bytes.subarray(3));
      await arrives("around nothing");
    });

    test("packets cut at random pass in order", async () => {
      const payloads = Array.from({ length: 50 }, (_, i) =>
        `${i} `.repeat(randomInt(200)),
      );
      const bytes = Buffer.concat(payloads.map(message));
      for (let at = 0; at < bytes.length;) {
        const end = at + randomInt(1, 700);
        browser.websocket.send(bytes.subarray(at, end));
        at = end;
      }
      await arrives(...payloads);
    });

    test("a whole session with one octet a frame works", async () => {
      const other = await plant.arrive({ level });
      const slow = async (bytes) => {
        const frames = [...bytes].map((octet) => frame(Buffer.of(octet)));
        await other.websocket.writeOctets(Buffer.concat(frames));
      };
      await slow(packets.connect({ level, clientId: "slow" }));
      assert.equal((await other.expect("connack")).code, 0);
      await slow(packets.subscribe({ level, filters: [["slow", 1]] }));
      await other.expect("suback");
      await slow(
        packets.publish({ level, topic: "slow", payload: "x", qos: 1, id: 7 }),
      );
      const seen = [await other.next(), await other.next()];
      const types = seen.map(({ type }) => type).sort();
      assert.deepEqual(types, ["puback", "publish"]);
      await other.leave();
    });

    test("a broker that sends one octet a segment is understood", async () => {
      const wide = await plant.open({ level });
      await wide.subscribe("drip");
      plant.wire.dribble = true;
      wide.publish("drip", "drop");
      const { payload } = await wide.message();
      plant.wire.dribble = false;
      assert.equal(payload.toString(), "drop");
      await wide.leave();
    });
  });
}
