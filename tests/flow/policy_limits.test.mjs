// SPDX-License-Identifier: Apache-2.0
// Limits of a session: what comes too fast is slowed and not lost, what is
// too much is refused.
import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { setTimeout as pass } from "node:timers/promises";

import { Client } from "./fixtures/client.mjs";
import { mqttRoute } from "./fixtures/config.mjs";
import * as packets from "./fixtures/packets.mjs";
import { LEVELS, VERSION_NAMES } from "./fixtures/packets.mjs";
import { Plant } from "./fixtures/plant.mjs";
import { brief, Watched } from "./fixtures/watched.mjs";

const RATE = 100; // messages a second
const BYTES = 50000; // a second
const SUBSCRIBES = 10; // a second
const BURST_S = 2; // at most so many seconds' worth come at once
const PROMPT_MS = 500;
const BEAT_MS = 20;
const HALF_PACKET_MS = 30000;

const acls = [{ name: "open", rules: ["allow pub,sub open/#"] }];
const full = { 3: 0x80, 4: 0x80, 5: 0x97 };
const refused = { 3: 0x80, 4: 0x80, 5: 0x87 };

describe("limits", () => {
  let plant, device;

  before(async () => {
    const route = (path, limits, more = {}) =>
      mqttRoute({ path, limits, ...more });
    plant = await Plant.start({
      acls,
      routes: [
        mqttRoute(),
        route("/messages", { messages_per_s: RATE }),
        route("/judged", { messages_per_s: RATE }, { acl: "open" }),
        route("/bytes", { bytes_per_s: BYTES }),
        route("/subscribes", { subscribes_per_s: SUBSCRIBES }),
        route("/three", { subscriptions: 3 }),
        route("/three-judged", { subscriptions: 3 }, { acl: "open" }),
        route("/any", { subscriptions: 0 }),
      ],
    });
    device = await Client.open(plant.brokerUrl);
    await device.subscribe("open/#", 1);
  });
  after(async () => {
    await device?.end();
    await plant?.stop();
  });

  // Seconds that `work` took; they must be at least what the rate makes of
  // `amount`, and no more than a slow machine adds.
  async function takes(amount, rate, work) {
    const start = performance.now();
    await work();
    const seconds = (performance.now() - start) / 1000;
    const least = amount / rate - BURST_S;
    assert.ok(seconds >= least, `${seconds} s, at least ${least} s`);
    const most = amount / rate + 5;
    assert.ok(seconds <= most, `${seconds} s, at most ${most} s`);
  }

  // They arrive in order, none of them lost.
  async function arrive(count, options) {
    const messages = await device.take(count, options);
    assert.deepEqual(
      messages.map(({ payload }) => Number(payload.toString().trim())),
      Array.from({ length: count }, (_, i) => i),
    );
  }

  // One that nobody slows gets its own messages back in no time, as long as
  // `work` lasts.
  async function meanwhile(work) {
    const other = await plant.open();
    await other.subscribe("other");
    let isOver = false;
    const done = work().finally(() => (isOver = true));
    while (!isOver) {
      other.publish("other", "beat");
      await other.message({ deadline: PROMPT_MS });
      await Promise.race([done, pass(BEAT_MS)]);
    }
    await done;
    other.destroy();
  }

  const deadline = 20000;

  for (const level of LEVELS) {
    describe(`with ${VERSION_NAMES[level]}`, () => {
      const open = (target) => Watched.open(plant, { level, target });

      for (const qos of [0, 1]) {
        test(`messages of QoS ${qos} over the rate come slower, all of them`, async () => {
          const count = 5 * RATE;
          const { browser } = await open("/messages");
          await meanwhile(() =>
            takes(count, RATE, async () => {
              for (let i = 0; i < count; i++) {
                browser.publish("open/m", `${i}`, { qos, id: i + 1 });
              }
              await arrive(count, { deadline });
            }),
          );
          if (qos === 1) {
            for (let i = 0; i < count; i++) await browser.expect("puback");
          }
          browser.destroy();
        });
      }

      test("octets over the rate come slower, none of them lost", async () => {
        const size = 5000;
        const count = 50;
        const { browser } = await open("/bytes");
        await meanwhile(() =>
          takes(count * size, BYTES, async () => {
            for (let i = 0; i < count; i++) {
              browser.publish("open/b", String(i).padEnd(size));
            }
            await arrive(count, { deadline });
          }),
        );
        browser.destroy();
      });

      test("a message of more than a second's octets comes whole", async () => {
        const payload = Buffer.alloc(4 * BYTES, "big ");
        const { browser } = await open("/bytes");
        await takes(payload.length, BYTES, async () => {
          browser.publish("open/b", payload);
          browser.publish("open/b", "next");
          const [first, next] = await device.take(2, { deadline });
          assert.deepEqual(first.payload, payload);
          assert.equal(next.payload.toString(), "next");
        });
        browser.destroy();
      });

      test("SUBSCRIBEs over the rate are answered later, all of them", async () => {
        const count = 5 * SUBSCRIBES;
        const { browser } = await open("/subscribes");
        await takes(count, SUBSCRIBES, async () => {
          for (let id = 1; id <= count; id++) {
            const filters = [["open/one", 0]];
            browser.send(packets.subscribe({ level, id, filters }));
          }
          for (let id = 1; id <= count; id++) {
            const answer = await browser.expect("suback", { deadline });
            assert.equal(answer.id, id);
          }
        });
        browser.destroy();
      });

      test("one after the other within the rate is not slowed", async () => {
        const { browser } = await open("/messages");
        for (let i = 0; i < 10; i++) {
          browser.publish("open/m", "lone", { qos: 1, id: 1 });
          await browser.expect("puback", { deadline: PROMPT_MS });
        }
        await device.take(10);
        browser.destroy();
      });

      // Filters of a SUBSCRIBE and the codes for them.
      async function subscribe(browser, filters, codes) {
        const pairs = filters.map((filter) => [filter, 0]);
        browser.send(packets.subscribe({ level, id: 9, filters: pairs }));
        const answer = await browser.expect("suback");
        assert.deepEqual([answer.id, answer.codes], [9, codes]);
      }

      async function unsubscribe(browser, filters) {
        browser.send(packets.unsubscribe({ level, id: 9, filters }));
        await browser.expect("unsuback");
      }

      const no = full[level];

      test("a subscription too many is refused and goes nowhere", async () => {
        const watched = await open("/three");
        const { browser } = watched;
        for (const filter of ["a", "b", "c"]) {
          await subscribe(browser, [filter], [0]);
        }
        await watched.settle();
        await subscribe(browser, ["d"], [no]);
        const { up, down } = await watched.settle();
        assert.deepEqual([up, down], [[], []]);
        browser.destroy();
      });

      test("a SUBSCRIBE of too many is granted as far as there is room", async () => {
        const watched = await open("/three");
        const { browser } = watched;
        const filters = ["a", "b", "c", "d", "e"];
        await subscribe(browser, filters, [0, 0, 0, no, no]);
        const { up } = await watched.settle();
        assert.deepEqual(
          up.map((one) => one.filters.map(([filter]) => filter)),
          [["a", "b", "c"]],
        );
        await subscribe(browser, ["f"], [no]);
        browser.destroy();
      });

      test("an UNSUBSCRIBE makes room again", async () => {
        const { browser } = await open("/three");
        await subscribe(browser, ["a", "b", "c"], [0, 0, 0]);
        await unsubscribe(browser, ["b"]);
        await subscribe(browser, ["d", "e"], [0, no]);
        await unsubscribe(browser, ["a", "d"]);
        await subscribe(browser, ["e", "f", "g"], [0, 0, no]);
        browser.destroy();
      });

      test("an UNSUBSCRIBE of what was not there makes no room", async () => {
        const { browser } = await open("/three");
        await subscribe(browser, ["a", "b", "c"], [0, 0, 0]);
        await unsubscribe(browser, ["x", "d", "a/b"]);
        await subscribe(browser, ["d"], [no]);
        browser.destroy();
      });

      test("the same subscription again takes no more room", async () => {
        const { browser } = await open("/three");
        for (let round = 0; round < 3; round++) {
          await subscribe(browser, ["a", "b"], [0, 0]);
        }
        await subscribe(browser, ["c", "a", "d"], [0, 0, no]);
        browser.destroy();
      });

      test("what the ACL refuses takes no room", async () => {
        const { browser } = await open("/three-judged");
        const out = refused[level];
        const filters = ["open/a", "closed/1", "closed/2", "open/b"];
        await subscribe(browser, filters, [0, out, out, 0]);
        await subscribe(browser, ["open/c", "open/d"], [0, no]);
        browser.destroy();
      });

      test("without a limit there is room for many", async () => {
        const { browser } = await open("/any");
        for (let round = 0; round < 5; round++) {
          const filters = Array.from(
            { length: 64 },
            (_, i) => `many/${round}/${i}`,
          );
          await subscribe(browser, filters, Array(64).fill(0));
        }
        browser.destroy();
      });

      test("by default there is room for 64", async () => {
        const { browser } = await open("/mqtt");
        const filters = Array.from({ length: 64 }, (_, i) => `some/${i}`);
        await subscribe(browser, filters, Array(64).fill(0));
        await subscribe(browser, ["one/more"], [no]);
        browser.destroy();
      });
    });
  }

  test("refused messages count for the rate as well", async () => {
    const count = 5 * RATE;
    const { browser } = await Watched.open(plant, { target: "/judged" });
    await takes(count, RATE, async () => {
      for (let i = 0; i < count - 1; i++) browser.publish("closed/m", "no");
      browser.publish("open/m", "0");
      await arrive(1, { deadline });
    });
    browser.destroy();
  });

  test("what was held up still reaches the broker after the browser's end", async () => {
    const count = 4 * RATE;
    const { browser } = await Watched.open(plant, { target: "/messages" });
    for (let i = 0; i < count; i++) browser.publish("open/m", `${i}`);
    browser.send(packets.disconnect());
    await arrive(count, { deadline });
    browser.websocket.close();
    await browser.websocket.untilEnded();
  });

  describe("half a packet, then silence", () => {
    const skip = process.env.POSTERN_SLOW_TESTS
      ? false
      : "takes 30 s: set POSTERN_SLOW_TESTS";
    const halves = {
      "a fixed header": Buffer.of(0x30),
      "a topic": Buffer.from("3010000a6f70656e", "hex"),
      "a payload": packets
        .publish({ topic: "open/x", payload: Buffer.alloc(1000) })
        .subarray(0, 500),
      "a SUBSCRIBE": packets
        .subscribe({ filters: [["open/x", 0]] })
        .subarray(0, 5),
    };

    test(
      "is closed after its time, however alive the socket is",
      { skip },
      async () => {
        const start = performance.now();
        await Promise.all(
          Object.entries(halves).map(async ([name, bytes]) => {
            const browser = await plant.open();
            browser.send(bytes);
            const deadline = HALF_PACKET_MS + 10000;
            const { code, packets: seen } = await browser.expectClose({
              deadline,
            });
            const passed = performance.now() - start;
            assert.ok(passed > HALF_PACKET_MS - 2000, `${name}: ${passed} ms`);
            assert.ok([1002, 1008].includes(code), `${name}: ${code}`);
            assert.deepEqual(brief(seen), []);
          }),
        );
      },
    );

    test(
      "a message that the limit itself makes slow is not cut",
      { skip },
      async () => {
        const payload = Buffer.alloc(
          (BYTES * 1.3 * HALF_PACKET_MS) / 1000,
          "x",
        );
        const browser = await plant.open({ target: "/bytes" });
        browser.publish("open/b", payload);
        const message = await device.message({ deadline: 3 * HALF_PACKET_MS });
        assert.deepEqual(message.payload, payload);
        browser.destroy();
      },
    );
  });
});
