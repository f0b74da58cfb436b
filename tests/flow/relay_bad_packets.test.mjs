// SPDX-License-Identifier: Apache-2.0
// What is no MQTT ends the session with a reason, and none of it reaches
// the broker.
import assert from "node:assert/strict";
import { after, afterEach, before, describe, test } from "node:test";

import { Client } from "./fixtures/client.mjs";
import * as packets from "./fixtures/packets.mjs";
import { LEVELS, VERSION_NAMES } from "./fixtures/packets.mjs";
import { Plant } from "./fixtures/plant.mjs";
import { still } from "./fixtures/wait.mjs";
import { frame, TEXT } from "./fixtures/websocket.mjs";

const MALFORMED = { reason: "malformed", code: 0x81 };
const PROTOCOL_ERROR = { reason: "protocol_error", code: 0x82 };

describe("what is no MQTT", () => {
  let plant;

  before(async () => {
    plant = await Plant.start();
    await plant.unaffected();
  });
  after(() => plant?.stop({ hostile: true }));
  afterEach(() => plant.unaffected());

  const hex = (text) => Buffer.from(text.replaceAll(" ", ""), "hex");

  describe("as the first packet", () => {
    const { connect } = packets;
    const firsts = {
      "a PUBLISH": packets.publish({ topic: "t" }),
      "a SUBSCRIBE": packets.subscribe({ filters: [["t", 0]] }),
      "a PINGREQ": packets.pingreq(),
      "a CONNACK": packets.connack(),
      "a DISCONNECT": packets.disconnect(),
      "an octet of HTTP": Buffer.from("GET / HTTP/1.1\r\n\r\n"),
      "a zero octet": hex("00 00"),
      "a CONNECT with flags": Buffer.concat([hex("11"), connect().subarray(1)]),
      "a CONNECT of 5 length octets": hex("10 80 80 80 80 01"),
      "a CONNECT of another protocol": connect({ name: "MQTTX" }),
      "a CONNECT of level 0": connect({ level: 0 }),
      "a CONNECT of level 6": connect({ level: 6 }),
      "a CONNECT of level 255": connect({ level: 255 }),
      "a CONNECT cut short": hex("10 04 00 04 4d 51"),
      "a CONNECT with a length past its end": hex("10 06 00 20 4d 51 54 54"),
      "a 3.1.1 CONNECT with the reserved bit": connect({ reserved: 1 }),
      "a 3.1.1 CONNECT with a will of QoS 3": connect({
        will: { topic: "w", qos: 3 },
      }),
      "a 3.1.1 CONNECT with will flags and no will": connect({
        reserved: 0x28,
      }),
      "a 3.1.1 CONNECT with a password and no user": connect({ password: "p" }),
    };

    for (const [name, bytes] of Object.entries(firsts)) {
      test(`${name} is closed 1002 without a connection upstream`, async () => {
        const { connections } = plant.wire;
        const browser = await plant.arrive();
        browser.send(bytes);
        const { code, reason } = await browser.expectClose();
        assert.equal(code, 1002);
        assert.match(reason, /^(malformed|protocol_error)$/);
        await browser.websocket.untilEnded();
        assert.equal(plant.wire.connections, connections);
      });
    }

    test("an MQTT 5 CONNECT with the reserved bit gets a CONNACK 0x81", async () => {
      const { connections } = plant.wire;
      const browser = await plant.arrive({ level: 5 });
      browser.connect({ reserved: 1 });
      const { code, reason, packets: seen } = await browser.expectClose();
      assert.deepEqual(answers(seen), [["connack", 0x81]]);
      assert.deepEqual([code, reason], [1002, "malformed"]);
      assert.equal(plant.wire.connections, connections);
    });

    test("a CONNECT over 64 KiB is closed 1009", async () => {
      const { connections } = plant.wire;
      const browser = await plant.arrive();
      browser.connect({ username: "u", password: "p".repeat(65530) });
      const { code, reason } = await browser.expectClose();
      assert.deepEqual([code, reason], [1009, "too_large"]);
      assert.equal(plant.wire.connections, connections);
    });
  });

  for (const level of LEVELS) {
    describe(`in a session of ${VERSION_NAMES[level]}`, () => {
      const { connect, publish } = packets;
      const bad = {
        "a second CONNECT": [connect({ level }), PROTOCOL_ERROR],
        "a SUBSCRIBE with flags 0": [hex("80 06 0001 0001 61 00"), MALFORMED],
        "an UNSUBSCRIBE with flags 0": [hex("a0 05 0001 0001 61"), MALFORMED],
        "a PUBREL with flags 0": [hex("60 02 0001"), MALFORMED],
        "a PINGREQ with flags": [hex("c1 00"), MALFORMED],
        "a PUBLISH of QoS 3": [hex("36 05 0001 61 0001"), MALFORMED],
        "a PUBLISH of QoS 0 with DUP": [
          publish({ level, topic: "t", duplicate: true }),
          MALFORMED,
        ],
        "a packet of type 0": [hex("00 00"), MALFORMED],
        "a length of 5 octets": [hex("30 80 80 80 80 01"), MALFORMED],
        "a topic longer than its packet": [hex("30 03 0010 61"), MALFORMED],
        "a CONNACK": [packets.connack({ level }), null],
        "a SUBACK": [hex("90 03 0001 00"), null],
        "a PINGRESP": [hex("d0 00"), null],
      };
      if (level < 5) bad["a packet of type 15"] = [hex("f0 00"), MALFORMED];

      for (const [name, [bytes, expected]] of Object.entries(bad)) {
        test(`${name} ends it`, async () => {
          const browser = await plant.open({ level });
          const link = plant.wire.links.at(-1);
          const { up } = link;
          browser.send(bytes);
          const { code, reason, packets: seen } = await browser.expectClose();
          checkAnswer(seen, reason, expected);
          assert.equal(code, 1002);
          await plant.wire.untilClosed({ link });
          assert.equal(link.up, up, "octets that reached the broker");
        });
      }

      test("a good packet before the bad one still passes", async () => {
        const browser = await plant.open({ level });
        const link = plant.wire.links.at(-1);
        const { up } = link;
        const good = publish({ level, topic: "good", payload: "one" });
        browser.send(good, hex("00 00"));
        const { code } = await browser.expectClose();
        assert.equal(code, 1002);
        await plant.wire.untilClosed({ link });
        assert.equal(link.up - up, good.length);
      });

      test("one octet a frame makes no difference", async () => {
        const browser = await plant.open({ level });
        const octets = [...hex("36 05 0001 61 0001")].map((octet) =>
          frame(Buffer.of(octet)),
        );
        browser.websocket.write(Buffer.concat(octets));
        const { code, reason } = await browser.expectClose();
        assert.deepEqual([code, reason], [1002, "malformed"]);
      });

      test("what the broker had sent arrives before the close frame", async () => {
        const browser = await plant.open({ level });
        const link = plant.wire.links.at(-1);
        await browser.subscribe("flood");
        const device = await Client.open(plant.brokerUrl);
        browser.websocket.pause();
        const payload = Buffer.alloc(16 * 1024, "flood");
        for (let i = 0; i < 512; i++) device.mqtt.publish("flood", payload);
        await still(() => link.down);
        browser.send(hex("00 00"));
        await plant.wire.untilClosed({ link });
        browser.websocket.resume();
        const { code, reason, packets: seen } = await browser.expectClose();
        assert.deepEqual([code, reason], [1002, "malformed"]);
        const messages = seen.filter(({ type }) => type === "publish");
        assert.ok(messages.length > 0);
        assert.ok(messages.every((one) => one.payload.equals(payload)));
        await device.end();
      });

      // MQTT 5 says why before the frame, the others have no packet for it.
      function checkAnswer(seen, reason, expected) {
        const words = ["malformed", "protocol_error"];
        assert.ok(words.includes(expected?.reason ?? reason), reason);
        if (expected) assert.equal(reason, expected.reason);
        const code = reason === "malformed" ? 0x81 : 0x82;
        const wanted = level === 5 ? [["disconnect", code]] : [];
        assert.deepEqual(answers(seen), wanted);
      }

      test("a packet over packet_bytes is closed 1009", async (t) => {
        const small = await Plant.start({
          route: { limits: { packet_bytes: 1000 } },
        });
        t.after(() => small.stop());
        const browser = await small.open({ level });
        const link = small.wire.links.at(-1);
        const { up } = link;
        browser.publish("t", Buffer.alloc(2000));
        const { code, reason, packets: seen } = await browser.expectClose();
        assert.deepEqual([code, reason], [1009, "too_large"]);
        const wanted = level === 5 ? [["disconnect", 0x95]] : [];
        assert.deepEqual(answers(seen), wanted);
        await small.wire.untilClosed({ link });
        assert.equal(link.up, up);
      });

      test("a text frame is closed 1003 and so is the upstream", async () => {
        const browser = await plant.open({ level });
        const link = plant.wire.links.at(-1);
        const { up } = link;
        const bytes = publish({ level, topic: "t", payload: "text" });
        browser.websocket.send(bytes, { opcode: TEXT });
        const { code, reason } = await browser.expectClose();
        assert.deepEqual([code, reason], [1003, "text_frame"]);
        await plant.wire.untilClosed({ link });
        assert.equal(link.up, up);
      });
    });
  }

  test("a text frame before CONNECT is closed 1003, nothing upstream", async () => {
    const { connections } = plant.wire;
    const browser = await plant.arrive();
    browser.websocket.send(packets.connect(), { opcode: TEXT });
    const { code, reason } = await browser.expectClose();
    assert.deepEqual([code, reason], [1003, "text_frame"]);
    assert.equal(plant.wire.connections, connections);
  });

  const answers = (seen) => seen.map(({ type, code }) => [type, code]);
});
