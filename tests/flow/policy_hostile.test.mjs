// SPDX-License-Identifier: Apache-2.0
// The list of hostile MQTT: each row of it ends its session, alone, with the
// right words, and none of it reaches the broker, however it is cut.
//
// The rows of a group run many at once, then each is a test of what came of
// it.
import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";

import { hostileConnects } from "./fixtures/hostile_connects.mjs";
import { hostilePackets } from "./fixtures/hostile_packets.mjs";
import { deep, hex } from "./fixtures/hostile_strings.mjs";
import * as packets from "./fixtures/packets.mjs";
import { LEVELS, VERSION_NAMES } from "./fixtures/packets.mjs";
import { Plant } from "./fixtures/plant.mjs";
import { frame } from "./fixtures/websocket.mjs";

const AT_ONCE = 24;
const PROMPT = "set_tcp_nodelay true"; // a beat must not wait for an ACK
const MALFORMED = 0x81;
const PROTOCOL_ERROR = 0x82;
const WORDS = {
  [MALFORMED]: "malformed",
  [PROTOCOL_ERROR]: "protocol_error",
};

describe("hostile MQTT", () => {
  let plant;
  let cases = 0;

  before(async () => {
    plant = await Plant.start({ broker: { settings: [PROMPT] } });
    await plant.unaffected();
  });
  after(() => plant?.stop({ hostile: true, cases }));

  const CUTS = {
    "in one frame": (browser, bytes) => browser.send(bytes),
    "an octet a frame": (browser, bytes) => {
      const frames = [...bytes].map((octet) => frame(Buffer.of(octet)));
      browser.websocket.write(Buffer.concat(frames));
    },
  };

  // Runs the rows, many at once, and asks for the bystander every now and
  // then; gives what came of each, by its name.
  async function runAll(rows, run) {
    const outcomes = new Map();
    const runOne = async (row) => {
      const outcome = await run(row).catch((error) => ({ error }));
      outcomes.set(row.name, outcome);
    };
    for (let at = 0; at < rows.length; at += AT_ONCE) {
      await Promise.all(rows.slice(at, at + AT_ONCE).map(runOne));
      await plant.unaffected();
    }
    cases += rows.length;
    assert.equal(outcomes.size, rows.length, "no two rows of one name");
    return outcomes;
  }

  function checkCodes(seen, type, wanted, reason) {
    assert.deepEqual(
      seen.map((one) => one.type),
      [type],
    );
    const [{ code }] = seen;
    const good = wanted ? [wanted] : [MALFORMED, PROTOCOL_ERROR];
    assert.ok(good.includes(code), `code 0x${code.toString(16)}`);
    if (code in WORDS) assert.equal(reason, WORDS[code]);
  }

  for (const level of LEVELS) {
    for (const [cut, send] of Object.entries(CUTS)) {
      describe(`in a session of ${VERSION_NAMES[level]}, ${cut}`, () => {
        const rows = hostilePackets(level);
        let outcomes;

        before(async () => {
          outcomes = await runAll(rows, async ({ bytes }) => {
            const clientId = `hostile-${Math.random()}`;
            const browser = await plant.open({ level, session: { clientId } });
            const link = plant.wire.linkOf(clientId);
            const { up } = link;
            send(browser, bytes);
            const end = await browser.expectClose();
            await plant.wire.untilClosed({ link });
            return { ...end, passed: link.up - up };
          });
        });

        for (const { name, code } of rows) {
          test(name, () => {
            const outcome = outcomes.get(name);
            if (outcome.error) throw outcome.error;
            assert.equal(outcome.passed, 0, "octets that reached the broker");
            assert.equal(outcome.code, 1002, outcome.reason);
            const { reason, packets: seen } = outcome;
            assert.match(reason, /^(malformed|protocol_error)$/);
            if (level === 5) checkCodes(seen, "disconnect", code, reason);
            else assert.deepEqual(seen, []);
          });
        }
      });

      describe(`in place of a CONNECT of ${VERSION_NAMES[level]}, ${cut}`, () => {
        const rows = hostileConnects(level);
        let outcomes, made;

        before(async () => {
          await plant.unaffected();
          const { connections } = plant.wire;
          outcomes = await runAll(rows, async ({ bytes }) => {
            const browser = await plant.arrive({ level });
            send(browser, bytes);
            return browser.expectClose();
          });
          made = plant.wire.connections - connections;
        });

        for (const { name, code, none, end } of rows) {
          test(name, () => {
            const outcome = outcomes.get(name);
            if (outcome.error) throw outcome.error;
            const { reason, packets: seen } = outcome;
            assert.equal(outcome.code, end, reason);
            if (end === 1002) {
              assert.match(reason, /^(malformed|protocol_error)$/);
            }
            if (none) assert.ok(seen.every(({ type }) => type === "connack"));
            else if (level === 5) checkCodes(seen, "connack", code, reason);
            else if (end === 1008) assert.equal(seen[0].code, code);
            else assert.deepEqual(seen, []);
          });
        }

        test("no row has made a connection to the broker", () => {
          assert.equal(made, 0);
        });
      });

      describe(`with ${VERSION_NAMES[level]}, ${cut}`, () => {
        async function open() {
          const clientId = `good-${Math.random()}`;
          const browser = await plant.open({ level, session: { clientId } });
          return { browser, link: plant.wire.linkOf(clientId) };
        }

        test("a good packet before a bad one passes, none after it", async () => {
          const { browser, link } = await open();
          const { up } = link;
          const good = packets.publish({ level, topic: "t", payload: "yes" });
          send(browser, Buffer.concat([good, hex("00 00"), good]));
          assert.equal((await browser.expectClose()).code, 1002);
          await plant.wire.untilClosed({ link });
          assert.deepEqual(link.kept.subarray(up), good);
        });

        test("what follows a DISCONNECT goes nowhere", async () => {
          const { browser, link } = await open();
          const { up } = link;
          const last = packets.disconnect({ level });
          const late = packets.publish({ level, topic: "t", payload: "late" });
          send(browser, Buffer.concat([last, late, late]));
          await browser.expectClose();
          await plant.wire.untilClosed({ link });
          assert.deepEqual(link.kept.subarray(up), last);
        });

        test("answers that nobody waits for pass: the broker knows", async () => {
          const { browser, link } = await open();
          const { up } = link;
          const all = [
            packets.pubrel(700),
            packets.puback(701),
            packets.pubcomp(702),
          ];
          send(browser, Buffer.concat(all));
          assert.equal((await browser.expect("pubcomp")).id, 700);
          await plant.wire.until(() => link.up - up >= 12);
          assert.deepEqual(link.kept.subarray(up), Buffer.concat(all));
          browser.destroy();
        });

        test("128 levels and U+FEFF are good", async () => {
          const { browser } = await open();
          const topic = `\ufeff${deep(128)}`;
          const subscribe = { level, filters: [[topic, 0]] };
          send(browser, packets.subscribe(subscribe));
          assert.deepEqual((await browser.expect("suback")).codes, [0]);
          send(browser, packets.publish({ level, topic, payload: "yes" }));
          assert.equal((await browser.expect("publish")).topic, topic);
          browser.destroy();
        });
      });
    }
  }

  test("has left the processes and the bystander as they were", () =>
    plant.unaffected());
});
