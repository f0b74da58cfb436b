// SPDX-License-Identifier: Apache-2.0
// Frames that RFC 6455 forbids end their session and no other.
import assert from "node:assert/strict";
import { after, afterEach, before, describe, test } from "node:test";

import { Plant } from "./fixtures/plant.mjs";
import { pingreq, publish } from "./fixtures/packets.mjs";
import { closeFrame, frame, PING, TEXT } from "./fixtures/websocket.mjs";

const CONTINUATION = 0;
const deadline = 8000; // lws may wait 5 s for an answer that it has had

describe("a frame that breaks the rules", () => {
  let plant;

  before(async () => {
    plant = await Plant.start();
  });
  after(() => plant?.stop({ hostile: true }));
  afterEach(() => plant.unaffected());

  const bytes = pingreq();
  const bad = {
    "with RSV1": frame(bytes, { rsv: 4 }),
    "with RSV3": frame(bytes, { rsv: 1 }),
    "of a reserved data opcode": frame(bytes, { opcode: 3 }),
    "of a reserved control opcode": frame("", { opcode: 11 }),
    "that continues nothing": frame(bytes, { opcode: CONTINUATION }),
    "that is a fragmented ping": frame("", { opcode: PING, fin: false }),
    "that is a ping of 126 octets": frame("x".repeat(126), { opcode: PING }),
    "with bit 63 in its length": frame("", { length: 1n << 63n }),
    "that is new inside a fragmented message": Buffer.concat([
      frame(bytes.subarray(0, 1), { fin: false }),
      frame(bytes),
    ]),
  };

  for (const [name, octets] of Object.entries(bad)) {
    test(`${name} ends the session and its upstream`, async () => {
      const browser = await plant.open();
      const link = plant.wire.links.at(-1);
      browser.websocket.write(octets);
      const { code } = await browser.websocket.expectClose();
      assert.ok([1002, 1006].includes(code), `close code ${code}`);
      await plant.wire.untilClosed({ link, deadline });
    });
  }

  test("of 2^62 octets that are not MQTT ends the session", async () => {
    const browser = await plant.open();
    const link = plant.wire.links.at(-1);
    browser.websocket.write(frame("", { length: 1n << 62n }));
    browser.websocket.socket.write(Buffer.alloc(1024, 0xff));
    await browser.websocket.expectClose({ deadline });
    await plant.wire.untilClosed({ link, deadline });
    browser.destroy();
  });

  test("after the close frame is not delivered", async () => {
    const browser = await plant.open();
    const link = plant.wire.links.at(-1);
    const { up } = link;
    const late = frame(publish({ topic: "late", payload: "x" }));
    browser.websocket.write(Buffer.concat([closeFrame(1000), late]));
    await plant.wire.untilClosed({ link, deadline });
    assert.equal(link.up, up);
    await browser.websocket.untilEnded();
  });

  test("a thousand pings are survived", async () => {
    const browser = await plant.open();
    const pings = Array.from({ length: 1000 }, (_, i) =>
      frame(`${i}`, { opcode: PING }),
    );
    browser.websocket.write(Buffer.concat(pings));
    await browser.websocket.next();
    browser.destroy();
    await plant.wire.untilClosed({ deadline });
  });

  test("ten thousand empty frames are survived", async () => {
    const browser = await plant.open();
    const link = plant.wire.links.at(-1);
    const empty = Array.from({ length: 10000 }, () => frame(""));
    browser.websocket.write(Buffer.concat(empty));
    browser.destroy();
    await plant.wire.untilClosed({ link, deadline });
  });

  test("a text frame inside a fragmented message ends the session", async () => {
    const browser = await plant.open();
    browser.websocket.send(bytes.subarray(0, 1), { fin: false });
    browser.websocket.send("text", { opcode: TEXT });
    const { code } = await browser.websocket.expectClose();
    assert.ok([1002, 1003, 1006].includes(code), `close code ${code}`);
  });
});
