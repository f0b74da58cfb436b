// SPDX-License-Identifier: Apache-2.0
// What an ACL refuses is answered as MQTT wants it, never reaches the broker
// and does not end the session.
import assert from "node:assert/strict";
import { after, before, beforeEach, describe, test } from "node:test";

import { Admin } from "./fixtures/admin.mjs";
import { Client } from "./fixtures/client.mjs";
import { mqttRoute } from "./fixtures/config.mjs";
import * as packets from "./fixtures/packets.mjs";
import { LEVELS, VERSION_NAMES } from "./fixtures/packets.mjs";
import { Plant } from "./fixtures/plant.mjs";
import { freePort } from "./fixtures/ports.mjs";
import { properties } from "./fixtures/properties.mjs";
import { brief, Watched } from "./fixtures/watched.mjs";

const LARGE = 1024 * 1024;
const BURST = 200;
const LINES_A_SECOND = 10;

const acls = [
  {
    name: "open",
    rules: [
      "allow pub,sub open/#",
      "allow retain open/kept/#",
      "deny pub,sub open/secret/#",
      "allow pub,sub bystander",
    ],
  },
  { name: "all", rules: ["allow pub,sub,retain #"] },
  { name: "none", rules: [] },
];

const suback = { 3: 0x80, 4: 0x80, 5: 0x87 };
const puback = { 3: 0, 4: 0, 5: 0x87 };
const connack = { 3: 5, 4: 5, 5: 0x87 };

describe("with an ACL", () => {
  let plant, admin, device;

  before(async () => {
    admin = new Admin(await freePort());
    plant = await Plant.start({
      acls,
      admin: admin.setting,
      routes: [
        mqttRoute({ acl: "open" }),
        mqttRoute({ path: "/all", acl: "all" }),
        mqttRoute({ path: "/none", acl: "none" }),
        mqttRoute({
          path: "/small",
          acl: "open",
          limits: { packet_bytes: 1000 },
        }),
        mqttRoute({ path: "/wide", acl: "open", receive_max: 65535 }),
      ],
    });
    device = await Client.open(plant.brokerUrl);
    await device.subscribe(["open/#", "closed/#", "$share/g/#"], 2);
  });
  after(async () => {
    await device?.end();
    await plant?.stop();
  });

  // What the test before has left behind is no concern of the next.
  beforeEach(async () => {
    await device.publish("open/begin", "");
    for (;;) {
      const { topic } = await device.message();
      if (topic === "open/begin") break;
    }
  });

  // The device gets this one, so it has got nothing before it.
  async function onlyThisArrives(browser, topic = "open/fence") {
    const payload = `fence ${performance.now()}`;
    browser.publish(topic, payload);
    const message = await device.message();
    assert.deepEqual(
      [message.topic, message.payload.toString()],
      [topic, payload],
    );
  }

  for (const level of LEVELS) {
    describe(`${VERSION_NAMES[level]}: a SUBSCRIBE`, () => {
      const open = (options) => Watched.open(plant, { level, ...options });
      const [refused, hex] = [suback[level], (one) => one.toString("hex")];

      // `forwarded`: the places of the filters that the broker gets to see.
      async function isAnswered(filters, codes, forwarded) {
        const watched = await open();
        const { browser } = watched;
        browser.send(packets.subscribe({ level, id: 700, filters }));
        const answer = await browser.expect("suback");
        assert.deepEqual([answer.id, answer.codes], [700, codes]);
        const { up, down } = await watched.settle();
        const kept = forwarded.map((place) => filters[place]);
        const wanted = packets.subscribe({ level, id: 700, filters: kept });
        assert.deepEqual(
          up.map(({ bytes }) => hex(bytes)),
          kept.length > 0 ? [hex(wanted)] : [],
        );
        assert.deepEqual(down, []);
        browser.destroy();
      }

      const [a, b, c] = [
        ["open/1", 1],
        ["open/2/+", 2],
        ["open/3/#", 0],
      ];
      const no = ["closed/1", 1];
      const never = ["#", 2];
      const rows = {
        "with no bad filter passes as it is": [
          [a, b, c],
          [1, 2, 0],
        ],
        "with the first filter refused": [
          [no, b],
          [refused, 2],
        ],
        "with the one in the middle refused": [
          [a, no, b],
          [1, refused, 2],
        ],
        "with the last one refused": [
          [c, a, never],
          [0, 1, refused],
        ],
        "with every other one refused": [
          [no, a, never, b, no],
          [refused, 1, refused, 2, refused],
        ],
        "that is wholly refused goes nowhere": [
          [no, never],
          [refused, refused],
        ],
        "with the same filter twice and a bad one between": [
          [a, no, ["open/1", 2]],
          [1, refused, 2],
        ],
        "for what a deny overlaps is refused": [
          [["open/#", 0], ["open/secret/1", 0], a],
          [refused, refused, 1],
        ],
      };
      for (const [name, [filters, codes]] of Object.entries(rows)) {
        const good = [...codes.keys()].filter((i) => codes[i] !== refused);
        test(name, () => isAnswered(filters, codes, good));
      }

      test("with a long list keeps every code in its place", async () => {
        const filters = Array.from({ length: 64 }, (_, i) => [
          `${i % 3 === 0 ? "closed" : "open"}/${"long".repeat(60)}/${i}`,
          i % 2,
        ]);
        const codes = filters.map(([, qos], i) => (i % 3 ? qos : refused));
        const good = [...codes.keys()].filter((i) => i % 3);
        await isAnswered(filters, codes, good);
      });

      test("cut into octets is answered the same", async () => {
        const watched = await open();
        const { browser } = watched;
        const filters = [a, no, b];
        const bytes = packets.subscribe({ level, id: 7, filters });
        for (const octet of bytes) browser.send(Buffer.of(octet));
        const answer = await browser.expect("suback");
        assert.deepEqual([answer.id, answer.codes], [7, [1, refused, 2]]);
        const { up } = await watched.settle();
        const kept = packets.subscribe({ level, id: 7, filters: [a, b] });
        assert.deepEqual(
          up.map(({ bytes }) => hex(bytes)),
          [hex(kept)],
        );
      });

      test("for $share is not covered by a plain rule", () =>
        isAnswered([["$share/g/open/1", 0], c], [refused, 0], [1]));

      test("is refused whole by an ACL without rules", async () => {
        const watched = await open({ target: "/none" });
        const { browser } = watched;
        browser.send(packets.subscribe({ level, id: 1, filters: [a, b] }));
        const { codes } = await browser.expect("suback");
        assert.deepEqual(codes, [refused, refused]);
        assert.deepEqual((await watched.settle()).up, []);
      });

      test("that was refused brings no messages, the good part does", async () => {
        const { browser } = await open();
        const filters = [no, ["open/in", 1]];
        browser.send(packets.subscribe({ level, id: 1, filters }));
        await browser.expect("suback");
        const sender = await Client.open(plant.brokerUrl);
        await sender.publish("closed/1", "no", { qos: 1 });
        await sender.publish("open/in", "yes", { qos: 1 });
        assert.equal((await browser.message()).topic, "open/in");
        await sender.end();
        await device.take(2);
      });

      test("of $SYS is not covered by #", async () => {
        const { browser } = await open({ target: "/all" });
        const filters = [
          ["$SYS/#", 0],
          ["#", 0],
        ];
        browser.send(packets.subscribe({ level, id: 1, filters }));
        let answer = await browser.next();
        while (answer.type !== "suback") answer = await browser.next();
        assert.deepEqual(answer.codes, [refused, 0]);
        browser.destroy();
      });
    });

    describe(`${VERSION_NAMES[level]}: a PUBLISH that is refused`, () => {
      const open = (options) => Watched.open(plant, { level, ...options });
      const publish = (options) =>
        packets.publish({
          level,
          topic: "closed/x",
          payload: "no",
          ...options,
        });
      const refused = puback[level];

      for (const [qos, answers] of [
        [0, []],
        [1, [["puback", 31, refused]]],
        [2, [["pubrec", 31, refused]]],
      ]) {
        const name = answers.length ? answers[0][0].toUpperCase() : "silence";
        test(`QoS ${qos}: gets ${name} and the session lives on`, async () => {
          const watched = await open();
          watched.browser.send(publish({ qos, id: 31 }));
          const { up, down } = await watched.settle();
          assert.deepEqual(brief(down), answers);
          assert.deepEqual(up, []);
          await onlyThisArrives(watched.browser);
          watched.browser.destroy();
        });

        test(`QoS ${qos}: is told from good ones in the same frame`, async () => {
          const watched = await open();
          const { browser } = watched;
          const good = { level, topic: "open/mixed", qos: 0 };
          browser.send(
            packets.publish({ ...good, payload: "1" }),
            publish({ qos, id: 31 }),
            packets.publish({ ...good, payload: "2" }),
            publish({ qos, id: 32, topic: "open/secret/x" }),
            packets.publish({ ...good, payload: "3" }),
          );
          const { up } = await watched.settle();
          assert.deepEqual(
            up.map(({ payload }) => payload.toString()),
            ["1", "2", "3"],
          );
          const seen = await device.take(3);
          assert.ok(seen.every(({ topic }) => topic === "open/mixed"));
          await onlyThisArrives(browser);
        });

        test(`QoS ${qos}: passes nothing of a payload of 1 MiB`, async () => {
          const watched = await open();
          const { browser } = watched;
          const payload = Buffer.alloc(LARGE, "no");
          browser.send(publish({ qos, id: 31, payload }));
          const { up, down } = await watched.settle();
          assert.deepEqual([brief(down), up], [answers, []]);
          await onlyThisArrives(browser);
        });

        test(`QoS ${qos}: a good one of the same QoS passes after it`, async () => {
          const { browser } = await open();
          browser.send(publish({ qos, id: 31 }));
          if (qos === 1) await browser.expect("puback");
          if (qos === 2) await browser.expect("pubrec");
          if (qos === 2 && level < 5) {
            browser.send(packets.pubrel(31));
            assert.equal((await browser.expect("pubcomp")).id, 31);
          }
          browser.publish("open/good", "yes", { qos, id: 31 });
          if (qos === 1) assert.equal((await browser.expect("puback")).code, 0);
          if (qos === 2) {
            assert.equal((await browser.expect("pubrec")).code, 0);
            browser.send(packets.pubrel(31));
            await browser.expect("pubcomp");
          }
          const message = await device.message();
          assert.deepEqual([message.topic, message.qos], ["open/good", qos]);
          browser.destroy();
        });

        test(`QoS ${qos}: to $share is refused by every ACL`, async () => {
          const watched = await open({ target: "/all" });
          const { browser } = watched;
          browser.send(publish({ qos, id: 31, topic: "$share/g/open/x" }));
          const { up, down } = await watched.settle();
          assert.deepEqual([brief(down), up], [answers, []]);
          browser.destroy();
        });
      }

      if (level < 5) {
        test("QoS 2: the whole handshake is the gateway's, with repetitions", async () => {
          const watched = await open();
          const { browser } = watched;
          const duplicate = true;
          browser.send(publish({ qos: 2, id: 9 }));
          browser.send(publish({ qos: 2, id: 9, duplicate }));
          browser.send(publish({ qos: 2, id: 9, duplicate }));
          browser.send(packets.pubrel(9));
          const { up, down } = await watched.settle();
          const pubrec = ["pubrec", 9, 0];
          assert.deepEqual(brief(down), [
            pubrec,
            pubrec,
            pubrec,
            ["pubcomp", 9, 0],
          ]);
          assert.deepEqual(up, []);
          await onlyThisArrives(browser);
        });

        test("QoS 2: two handshakes, one with the broker, do not mix", async () => {
          const watched = await open();
          const { browser } = watched;
          browser.send(publish({ qos: 2, id: 9 }));
          browser.publish("open/two", "yes", { qos: 2, id: 10 });
          const recs = [await browser.next(), await browser.next()];
          assert.deepEqual(brief(recs).sort(), [
            ["pubrec", 10, 0],
            ["pubrec", 9, 0],
          ]);
          browser.send(packets.pubrel(10), packets.pubrel(9));
          const comps = [await browser.next(), await browser.next()];
          assert.deepEqual(brief(comps).sort(), [
            ["pubcomp", 10, 0],
            ["pubcomp", 9, 0],
          ]);
          const { up } = await watched.settle();
          assert.deepEqual(brief(up), [
            ["publish", 10, null],
            ["pubrel", 10, 0],
          ]);
          assert.equal((await device.message()).topic, "open/two");
        });

        test("QoS 2: more than 1024 that are not released end the session", async () => {
          const watched = await open({ target: "/wide" });
          const { browser } = watched;
          const many = Array.from({ length: 1024 }, (_, i) =>
            publish({ qos: 2, id: i + 1 }),
          );
          browser.send(...many);
          const { down } = await watched.settle();
          assert.equal(down.length, 1024);
          browser.send(publish({ qos: 2, id: 1025 }));
          const { code, reason } = await browser.expectClose();
          assert.deepEqual([code, reason], [1008, "flood"]);
          await plant.wire.untilClosed({ link: watched.link });
        });
      } else {
        test("QoS 2: is over with its PUBREC, however many there are", async () => {
          const watched = await open();
          const { browser } = watched;
          const many = Array.from({ length: 2000 }, (_, i) =>
            publish({ qos: 2, id: i + 1 }),
          );
          browser.send(...many);
          const { up, down } = await watched.settle();
          assert.deepEqual([down.length, up], [2000, []]);
          assert.ok(down.every(({ code }) => code === 0x87));
          await onlyThisArrives(browser);
        });
      }

      test("is refused by an ACL without rules", async () => {
        const watched = await open({ target: "/none" });
        watched.browser.send(publish({ qos: 1, id: 5, topic: "open/x" }));
        const { up, down } = await watched.settle();
        assert.deepEqual([brief(down), up], [[["puback", 5, refused]], []]);
      });

      test("as retained needs its own right, even to delete", async () => {
        const watched = await open();
        const { browser } = watched;
        const retain = true;
        for (const payload of ["keep", ""]) {
          browser.publish("open/x", payload, { qos: 1, id: 4, retain });
          const { up, down } = await watched.settle();
          assert.deepEqual([brief(down), up], [[["puback", 4, refused]], []]);
        }
        browser.publish("open/x", "pass", { qos: 0, retain });
        assert.deepEqual((await watched.settle()).up, []);
        await onlyThisArrives(browser, "open/x");
        const late = await Client.open(plant.brokerUrl);
        await late.subscribe("open/x");
        await onlyThisArrives(browser, "open/x");
        assert.equal((await late.message()).retain, false);
        await late.end();
      });

      test("as retained passes where that right is", async () => {
        const { browser } = await open();
        const topic = `open/kept/${level}`;
        const options = { qos: 1, id: 4, retain: true };
        browser.publish(topic, "state", options);
        assert.equal((await browser.expect("puback")).code, 0);
        const late = await Client.open(plant.brokerUrl);
        await late.subscribe(topic);
        const message = await late.message();
        assert.deepEqual(
          [message.payload.toString(), message.retain],
          ["state", true],
        );
        browser.publish(topic, "", options);
        assert.equal((await browser.expect("puback")).code, 0);
        await device.take(2);
        await late.end();
      });
    });

    describe(`${VERSION_NAMES[level]}: a will`, () => {
      const bad = {
        "on a topic outside": { topic: "closed/will", qos: 1 },
        "on a topic that is denied": { topic: "open/secret/will", qos: 0 },
        "that is retained without the right": {
          topic: "open/will",
          retain: true,
        },
      };
      if (level === 5) {
        bad["with a response topic outside"] = {
          topic: "open/will",
          properties: properties({ responseTopic: "closed/answer" }),
        };
      }

      for (const [name, will] of Object.entries(bad)) {
        test(`${name}: CONNACK ${connack[level]}, nothing upstream`, async () => {
          const { connections } = plant.wire;
          const browser = await plant.arrive({ level });
          browser.connect({ will });
          const { code, reason, packets: seen } = await browser.expectClose();
          assert.deepEqual(brief(seen), [["connack", null, connack[level]]]);
          assert.deepEqual([code, reason], [1008, "not_authorised"]);
          await browser.websocket.untilEnded();
          assert.equal(plant.wire.connections, connections);
        });
      }

      test("on a topic inside is sent when the browser vanishes", async () => {
        for (const will of [
          { topic: "open/will", payload: "gone", qos: 1 },
          { topic: "open/kept/will", payload: "", qos: 1, retain: true },
        ]) {
          const browser = await plant.open({ level, session: { will } });
          browser.destroy();
          assert.equal((await device.message()).topic, will.topic);
        }
      });
    });

    describe(`${VERSION_NAMES[level]}: what needs no right`, () => {
      test("is an UNSUBSCRIBE of any filter", async () => {
        const watched = await Watched.open(plant, { level });
        const { browser } = watched;
        const filters = ["closed/1", "#"];
        const bytes = packets.unsubscribe({ level, id: 3, filters });
        browser.send(bytes);
        assert.equal((await browser.expect("unsuback")).id, 3);
        const { up } = await watched.settle();
        assert.deepEqual(
          up.map((one) => one.bytes),
          [bytes],
        );
      });

      test("is a PUBREL that nobody knows: the broker completes it", async () => {
        const watched = await Watched.open(plant, { level });
        watched.browser.send(packets.pubrel(77));
        const answer = await watched.browser.expect("pubcomp");
        assert.equal(answer.id, 77);
        const { up } = await watched.settle();
        assert.deepEqual(
          up.map((one) => one.bytes),
          [packets.pubrel(77)],
        );
      });
    });

    test(`${VERSION_NAMES[level]}: a packet that is too large ends the session, refused or not`, async () => {
      for (const topic of ["open/x", "closed/x"]) {
        const target = "/small";
        const { browser, link } = await Watched.open(plant, { level, target });
        const { up } = link;
        browser.publish(topic, Buffer.alloc(2000), { qos: 1 });
        const { code, reason, packets: seen } = await browser.expectClose();
        assert.deepEqual([code, reason], [1009, "too_large"]);
        const wanted = level === 5 ? [["disconnect", null, 0x95]] : [];
        assert.deepEqual(brief(seen), wanted);
        await plant.wire.untilClosed({ link });
        assert.equal(link.up, up);
      }
    });
  }

  test("MQTT 5: options, subscription identifier and user properties are kept", async () => {
    const level = 5;
    const watched = await Watched.open(plant, { level });
    const { browser } = watched;
    const options = {
      level,
      id: 65535,
      properties: properties({
        subscriptionId: 268435455,
        user: [
          ["a", "1"],
          ["a", "2"],
        ],
      }),
    };
    const all = [
      ["open/options/1", 0x2d],
      ["closed/options", 0x1c],
      ["open/options/2", 0x16],
    ];
    browser.send(packets.subscribe({ ...options, filters: all }));
    const { id, codes } = await browser.expect("suback");
    assert.deepEqual([id, codes], [65535, [1, 0x87, 2]]);
    const { up } = await watched.settle();
    const kept = packets.subscribe({ ...options, filters: [all[0], all[2]] });
    assert.deepEqual(
      up.map(({ bytes }) => bytes),
      [kept],
    );
  });

  test("all refusals are counted, and logged without a flood", async () => {
    const denied = async () =>
      [...(await admin.metrics()).samples]
        .filter(([sample]) => sample.startsWith("postern_acl_denied_total{"))
        .filter(([sample]) => sample.includes('route="/mqtt"'))
        .reduce((sum, [, value]) => sum + value, 0);
    const counted = await denied();
    const from = plant.gateway.lines.length;
    const start = performance.now();
    const watched = await Watched.open(plant, { level: 5 });
    for (let i = 0; i < BURST; i++) watched.browser.publish("closed/n", "no");
    const filters = [
      ["closed/1", 0],
      ["closed/2", 0],
    ];
    watched.browser.send(packets.subscribe({ level: 5, filters }));
    await watched.settle();
    assert.equal((await denied()) - counted, BURST + filters.length);
    const seconds = 1 + Math.ceil((performance.now() - start) / 1000);
    const told = plant.gateway.lines
      .slice(from)
      .filter((line) => line.includes("closed/"));
    assert.ok(told.length > 0, "the first ones are told");
    assert.ok(told.length <= LINES_A_SECOND * seconds, `${told.length} lines`);
  });

  test("the gateway answers nothing for a browser that is gone", async () => {
    const browser = await plant.open({ level: 4 });
    for (let id = 1; id <= 15; id++) {
      browser.publish("closed/x", "no", { qos: 2, id });
    }
    browser.destroy();
    await plant.unaffected();
  });
});
