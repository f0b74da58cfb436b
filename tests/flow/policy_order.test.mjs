// SPDX-License-Identifier: Apache-2.0
// What the gateway refuses while other things are under way: a CONNECT not
// answered yet, a browser that is gone, many messages in one read.
import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";

import * as packets from "./fixtures/packets.mjs";
import { LEVELS, VERSION_NAMES } from "./fixtures/packets.mjs";
import { Plant } from "./fixtures/plant.mjs";
import { properties } from "./fixtures/properties.mjs";
import { until } from "./fixtures/wait.mjs";

const MANY = 200;
const BURST = 1500;
const FRAMES_MOST = 100; // a read is one frame, or some
const STREAMED = 400; // messages of which no read ends with one, by chance
const STREAMED_BYTES = 60001;

const acls = [{ name: "open", rules: ["allow pub,sub open/#"] }];

// A broker that answers CONNECT when it is told to.
function late() {
  let answer;
  const told = new Promise((resolve) => (answer = resolve));
  const script = async (link) => {
    await link.next();
    link.write(await told);
  };
  return { script, answer };
}

const refusal = { 3: 5, 4: 5, 5: 0x86 };

for (const level of LEVELS) {
  describe(`${VERSION_NAMES[level]}: what is refused before CONNACK`, () => {
    let plant, broker;

    before(async () => {
      broker = late();
      plant = await Plant.start({
        script: (link) => broker.script(link),
        acls,
        route: { acl: "open" },
      });
    });
    after(() => plant?.stop());

    async function hurry() {
      broker = late();
      const browser = await plant.arrive({ level });
      browser.send(
        packets.connect({ level }),
        packets.subscribe({ level, id: 1, filters: [["closed/x", 1]] }),
        packets.publish({ level, topic: "closed/x", qos: 1, id: 2 }),
      );
      await plant.gateway.line(/access denied operation=publish/);
      return browser;
    }

    test("is answered after it", async () => {
      const browser = await hurry();
      broker.answer(packets.connack({ level }));
      for (const type of ["connack", "suback", "puback"]) {
        await browser.expect(type);
      }
      browser.destroy();
    });

    test("is not answered behind a refused login", async () => {
      const browser = await hurry();
      broker.answer(packets.connack({ level, code: refusal[level] }));
      await browser.expect("connack");
      plant.broker.links.at(-1).end();
      const { packets: seen } = await browser.expectClose();
      assert.deepEqual(seen, []);
    });
  });
}

describe("a browser that is gone", () => {
  test("leaves nothing behind that its limits held back", async () => {
    const plant = await Plant.start({
      route: { limits: { messages_per_s: 10, packet_bytes: 1000 } },
    });
    try {
      const observer = await plant.open();
      await observer.subscribe("t");
      const browser = await plant.open();
      const all = Array.from({ length: MANY }, (_, i) =>
        packets.publish({ topic: "t", payload: `${i}` }),
      );
      browser.send(...all.slice(0, MANY / 4));
      await observer.message();
      browser.destroy();
      await plant.gateway.line(/closed reason=browser_vanished/);
      for (let i = 1; i < MANY / 4; i++) {
        const { payload } = await observer.message();
        assert.equal(payload.toString(), `${i}`);
      }
    } finally {
      await plant.stop();
    }
  });
});

describe("with audit", () => {
  test("a topic alias is refused: the line would have no topic", async () => {
    const plant = await Plant.start({ route: { audit: "publish" } });
    try {
      const browser = await plant.open({ level: 5 });
      browser.send(
        packets.publish({
          level: 5,
          topic: "t",
          properties: properties({ alias: 1 }),
        }),
      );
      const { packets: seen } = await browser.expectClose();
      assert.deepEqual(
        seen.map(({ type, code }) => [type, code]),
        [["disconnect", 0x94]],
      );
    } finally {
      await plant.stop();
    }
  });
});

describe("a burst of which every other message is withheld", () => {
  test("still comes in few frames, whole and in order", async () => {
    const plant = await Plant.start({
      script: async (link) => {
        await link.next();
        link.write(packets.connack());
        await link.next();
        const burst = Array.from({ length: BURST }, (_, i) => {
          const topic = i % 2 ? "closed/x" : "open/x";
          return packets.publish({ topic, payload: `${i}` });
        });
        link.write(Buffer.concat(burst));
      },
      acls,
      route: { acl: "open" },
    });
    try {
      const browser = await plant.open();
      browser.send(packets.pingreq());
      const reader = new packets.PacketReader(4);
      const seen = [];
      let frames = 0;
      await until(async () => {
        const frame = await browser.websocket.next();
        frames++;
        seen.push(...reader.push(frame.payload));
        return seen.length === BURST / 2;
      });
      assert.deepEqual(
        seen.map(({ topic, payload }) => `${topic} ${payload}`),
        Array.from({ length: BURST / 2 }, (_, i) => `open/x ${2 * i}`),
      );
      assert.ok(frames <= FRAMES_MOST, `${frames} frames`);
    } finally {
      await plant.stop();
    }
  });
});

describe("while the broker streams one message after the other", () => {
  test("an answer comes in between, not at the end", async () => {
    const plant = await Plant.start({
      script: async (link) => {
        await link.next();
        link.write(packets.connack());
        await link.next();
        const payload = Buffer.alloc(STREAMED_BYTES);
        const message = packets.publish({ topic: "open/x", payload });
        link.write(Buffer.concat(Array(STREAMED).fill(message)));
      },
      acls,
      route: { acl: "open" },
    });
    try {
      const browser = await plant.open();
      browser.send(packets.pingreq());
      await browser.message();
      browser.publish("closed/x", "no", { qos: 1, id: 9 });
      let before = 1;
      while ((await browser.next()).type === "publish") before++;
      assert.ok(before < STREAMED, `after ${before} messages`);
    } finally {
      await plant.stop();
    }
  });
});
