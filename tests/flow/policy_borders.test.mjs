// SPDX-License-Identifier: Apache-2.0
// What the gateway writes itself comes between two packets and never into
// one; what it keeps to judge later has bounds.
import assert from "node:assert/strict";
import { randomBytes } from "node:crypto";
import { after, before, describe, test } from "node:test";

import { mqttRoute } from "./fixtures/config.mjs";
import * as packets from "./fixtures/packets.mjs";
import { LEVELS, VERSION_NAMES } from "./fixtures/packets.mjs";
import { Plant } from "./fixtures/plant.mjs";
import { properties, readProperties } from "./fixtures/properties.mjs";
import { welcome } from "./fixtures/scripted_broker.mjs";
import { brief } from "./fixtures/watched.mjs";

const LARGE = 1024 * 1024;
const WELL_UNDER_WAY = LARGE / 4;
const PENDING_MOST = 32;
const FILTERS_MOST = 64;

const acls = [{ name: "open", rules: ["allow pub,sub open/#"] }];
const subscribeRefused = { 3: 0x80, 4: 0x80, 5: 0x87 };
const publishRefused = { 3: 0, 4: 0, 5: 0x87 };

// Plants whose broker does what the test says.
function scripted(answer = {}, config = {}) {
  const stage = {
    async start() {
      stage.plant = await Plant.start({
        script: welcome(answer),
        acls,
        route: { acl: "open", limits: { subscriptions: 0 } },
        ...config,
      });
    },
    // A session, and the broker's end of it.
    async open(options) {
      const browser = await stage.plant.open(options);
      return { browser, broker: stage.plant.broker.links.at(-1) };
    },
    stop: () => stage.plant?.stop(),
  };
  return stage;
}

async function closes(browser, code, words, seen = []) {
  const end = await browser.expectClose();
  assert.equal(end.code, code, end.reason);
  assert.ok([words].flat().includes(end.reason), end.reason);
  assert.equal(end.rest, 0, "octets of half a packet");
  assert.deepEqual(brief(end.packets), seen);
}

// As far as MQTT has a word for it.
const farewell = (level, code) =>
  level === 5 ? [["disconnect", null, code]] : [];

for (const level of LEVELS) {
  const no = subscribeRefused[level];
  const refused = (options) =>
    packets.publish({ level, topic: "closed/x", payload: "no", ...options });
  const subscribe = (id, filters, more = {}) =>
    packets.subscribe({
      level,
      id,
      filters: filters.map((filter) => [filter, 0]),
      ...more,
    });
  const suback = (id, codes, more = {}) =>
    packets.suback({ level, id, codes, ...more });

  describe(`${VERSION_NAMES[level]}: an answer of the gateway`, () => {
    const stage = scripted();
    before(() => stage.start());
    after(() => stage.stop());

    const payload = randomBytes(LARGE);
    const big = packets.publish({ level, topic: "open/big", payload });

    // What has come to the browser, or to the broker, in that order.
    const brought = (packet) =>
      packet.type === "publish" ? packet.payload.equals(payload) : packet.type;

    const asked = [
      refused({ qos: 1, id: 1 }),
      refused({ qos: 2, id: 2 }),
      subscribe(3, ["closed/1", "#"]),
    ];
    const answered = [
      ["puback", 1, publishRefused[level]],
      ["pubrec", 2, publishRefused[level]],
      ["suback", 3, null],
    ];
    if (level < 5) {
      asked.push(packets.pubrel(2));
      answered.push(["pubcomp", 2, 0]);
    }

    test("waits for the end of a PUBLISH that is on its way down", async () => {
      const { browser, broker } = await stage.open({ level });
      const half = big.length / 2;
      broker.write(big.subarray(0, half));
      const { socket } = browser.websocket;
      await socket.until(() => socket.bytes.length > WELL_UNDER_WAY);
      browser.send(...asked, packets.pingreq());
      await broker.expect("pingreq");
      broker.write(big.subarray(half));
      broker.write(packets.pingresp());
      const first = await browser.expect("publish");
      assert.ok(first.payload.equals(payload));
      const rest = [];
      while (rest.length < answered.length + 1) rest.push(await browser.next());
      assert.deepEqual(
        brief(rest.filter(({ type }) => type !== "pingresp")),
        answered,
      );
      browser.destroy();
    });

    test("waits at every cut of what comes down", async () => {
      const { browser, broker } = await stage.open({ level });
      const small = packets.publish({ level, topic: "open/s", payload: "yes" });
      for (let cut = 1; cut < small.length; cut++) {
        broker.write(small.subarray(0, cut));
        browser.send(refused({ qos: 1, id: cut }), packets.pingreq());
        await broker.expect("pingreq");
        broker.write(small.subarray(cut));
        broker.write(packets.pingresp());
        const seen = [];
        while (seen.length < 3) seen.push(await browser.next());
        assert.deepEqual(seen.map(({ type }) => type).sort(), [
          "pingresp",
          "puback",
          "publish",
        ]);
      }
      browser.destroy();
    });

    test("never breaks a stream of large ones, wherever it is asked for", async () => {
      const COUNT = 4;
      const PIECE = 65521; // so that no piece ends where a packet does
      const { browser, broker } = await stage.open({ level });
      const stream = Buffer.concat(Array(COUNT).fill(big));
      let id = 0;
      for (let at = 0; at < stream.length; at += PIECE) {
        broker.write(stream.subarray(at, at + PIECE));
        browser.send(refused({ qos: 1, id: ++id }), packets.pingreq());
        await broker.expect("pingreq");
      }
      const seen = [];
      while (seen.length < COUNT + id) seen.push(brought(await browser.next()));
      assert.equal(seen.filter((one) => one === true).length, COUNT);
      assert.equal(seen.filter((one) => one === "puback").length, id);
      browser.destroy();
    });

    test("waits for the end of a PUBLISH that is on its way up", async () => {
      const { browser, broker } = await stage.open({ level });
      const link = stage.plant.wire.links.at(-1);
      const half = big.length / 2;
      browser.send(big.subarray(0, half));
      await stage.plant.wire.until(() => link.up > WELL_UNDER_WAY);
      broker.write(refused({ qos: 1, id: 11 }));
      broker.write(refused({ qos: 2, id: 12 }));
      broker.write(packets.publish({ level, topic: "open/fence" }));
      assert.equal((await browser.expect("publish")).topic, "open/fence");
      browser.send(big.subarray(half));
      const first = await broker.expect("publish");
      assert.ok(first.payload.equals(payload));
      const rest = [await broker.next(), await broker.next()];
      assert.deepEqual(brief(rest), [
        ["puback", 11, 0],
        ["pubrec", 12, 0],
      ]);
      broker.write(packets.pubrel(12));
      assert.equal((await broker.expect("pubcomp")).id, 12);
      browser.destroy();
    });

    test("waits at every cut of what goes up", async () => {
      const { browser, broker } = await stage.open({ level });
      const small = packets.publish({ level, topic: "open/s", payload: "yes" });
      for (let cut = 1; cut < small.length; cut++) {
        browser.send(small.subarray(0, cut));
        broker.write(refused({ qos: 1, id: cut }));
        broker.write(packets.publish({ level, topic: "open/fence" }));
        await browser.expect("publish");
        browser.send(small.subarray(cut));
        const seen = [await broker.next(), await broker.next()];
        assert.deepEqual(seen.map(({ type }) => type).sort(), [
          "puback",
          "publish",
        ]);
      }
      browser.destroy();
    });

    test("does not come into a large refused PUBLISH from the broker", async () => {
      const { browser, broker } = await stage.open({ level });
      const bad = refused({ payload, qos: 1, id: 21 });
      const half = bad.length / 2;
      broker.write(bad.subarray(0, half));
      browser.send(refused({ qos: 1, id: 1 }));
      assert.equal((await browser.expect("puback")).id, 1);
      broker.write(bad.subarray(half));
      assert.equal((await broker.expect("puback")).id, 21);
      broker.write(packets.publish({ level, topic: "open/after" }));
      assert.equal((await browser.expect("publish")).topic, "open/after");
      browser.destroy();
    });

    test("is not made into half a packet by the end of the session", async () => {
      const { browser, broker } = await stage.open({ level });
      broker.write(big.subarray(0, big.length / 2));
      const { socket } = browser.websocket;
      await socket.until(() => socket.bytes.length > WELL_UNDER_WAY);
      browser.send(...asked, Buffer.of(0, 0));
      const end = await browser.expectClose();
      assert.deepEqual([end.code, end.reason], [1002, "malformed"]);
      assert.deepEqual(end.packets, []);
    });
  });

  describe(`${VERSION_NAMES[level]}: a SUBACK of the broker`, () => {
    const stage = scripted();
    before(() => stage.start());
    after(() => stage.stop());

    const rows = [
      // filters, what the broker is asked and answers, what the browser gets
      [["open/1", "closed/1", "open/2"], 2, [1, 2], [1, no, 2]],
      [["closed/1", "open/1"], 1, [0x80], [no, 0x80]],
      [["open/1", "+/attrs"], 1, [1], [1, no]],
      [["closed/1", "open/1", "closed/2", "closed/3"], 1, [0], [no, 0, no, no]],
    ];
    if (level === 5) rows.push([["open/1", "closed/1"], 1, [0x97], [0x97, no]]);

    for (const [filters, asked, codes, wanted] of rows) {
      test(`of [${codes}] to ${filters.join(", ")} becomes [${wanted}]`, async () => {
        const { browser, broker } = await stage.open({ level });
        browser.send(subscribe(4, filters));
        const forwarded = await broker.expect("subscribe");
        assert.equal(forwarded.filters.length, asked);
        broker.write(suback(4, codes));
        const answer = await browser.expect("suback");
        assert.deepEqual([answer.id, answer.codes], [4, wanted]);
        browser.destroy();
      });
    }

    test("finds its own refusals, in whatever order it comes", async () => {
      const { browser, broker } = await stage.open({ level });
      browser.send(
        subscribe(1, ["closed/1", "open/1"]),
        subscribe(2, ["open/2", "closed/2"]),
        subscribe(3, ["open/3"]),
      );
      for (let i = 0; i < 3; i++) await broker.expect("subscribe");
      broker.write(Buffer.concat([suback(3, [2]), suback(1, [1])]));
      broker.write(suback(2, [0]));
      const seen = [];
      while (seen.length < 3) seen.push(await browser.expect("suback"));
      assert.deepEqual(
        seen.map(({ id, codes }) => [id, codes]),
        [
          [3, [2]],
          [1, [no, 1]],
          [2, [0, no]],
        ],
      );
      browser.destroy();
    });

    test("cut into octets is merged the same", async () => {
      const { browser, broker } = await stage.open({ level });
      browser.send(subscribe(5, ["closed/1", "open/1"]));
      await broker.expect("subscribe");
      await broker.pour(suback(5, [1]), 1);
      const answer = await browser.expect("suback");
      assert.deepEqual(answer.codes, [no, 1]);
      browser.destroy();
    });

    if (level === 5) {
      test("keeps its properties", async () => {
        const { browser, broker } = await stage.open({ level });
        browser.send(subscribe(4, ["closed/1", "open/1"]));
        await broker.expect("subscribe");
        const values = { reason: "as you like", user: [["a", "b"]] };
        broker.write(suback(4, [1], { properties: properties(values) }));
        const answer = await browser.expect("suback");
        assert.deepEqual(answer.codes, [no, 1]);
        assert.deepEqual(readProperties(answer.properties), values);
        browser.destroy();
      });
    }

    const wrong = {
      "with a code too few": [["open/1", "open/2"], 9, [0]],
      "with a code too many": [["open/1"], 9, [0, 0]],
      "with codes for what it was never asked": [
        ["open/1", "closed/1"],
        9,
        [0, 0],
      ],
      "without codes": [["open/1"], 9, []],
      "for a SUBSCRIBE that nobody sent": [["open/1"], 10, [0]],
    };
    for (const [name, [filters, id, codes]] of Object.entries(wrong)) {
      test(`${name} ends the session on both sides`, async () => {
        const { browser, broker } = await stage.open({ level });
        browser.send(subscribe(9, filters));
        await broker.expect("subscribe");
        broker.write(suback(id, codes));
        const end = await browser.expectClose();
        // An empty one is no MQTT at all.
        const wanted = codes.length === 0 ? [1011, 1014] : [1011];
        assert.ok(wanted.includes(end.code), `${end.code} ${end.reason}`);
        assert.deepEqual(end.packets, []);
        assert.deepEqual(await broker.untilEnded(), []);
      });
    }

    test("that comes twice ends the session", async () => {
      const { browser, broker } = await stage.open({ level });
      browser.send(subscribe(9, ["open/1"]));
      await broker.expect("subscribe");
      broker.write(suback(9, [0]));
      await browser.expect("suback");
      broker.write(suback(9, [0]));
      assert.equal((await browser.expectClose()).code, 1011);
      await broker.untilEnded();
    });
  });

  describe(`${VERSION_NAMES[level]}: a SUBSCRIBE that waits for its SUBACK`, () => {
    const stage = scripted();
    before(() => stage.start());
    after(() => stage.stop());

    test("keeps its packet identifier to itself", async () => {
      const { browser, broker } = await stage.open({ level });
      browser.send(subscribe(6, ["open/1"]));
      await broker.expect("subscribe");
      browser.send(subscribe(6, ["open/2"]));
      const seen = farewell(level, 0x82);
      await closes(browser, 1002, "protocol_error", seen);
      assert.deepEqual(await broker.untilEnded(), []);
    });

    test("gives its packet identifier back after it", async () => {
      const { browser, broker } = await stage.open({ level });
      for (let round = 0; round < 3; round++) {
        browser.send(subscribe(6, ["open/1", "closed/1"]));
        await broker.expect("subscribe");
        broker.write(suback(6, [0]));
        assert.deepEqual((await browser.expect("suback")).codes, [0, no]);
      }
      browser.send(subscribe(6, ["closed/1"]), subscribe(6, ["closed/2"]));
      await browser.expect("suback");
      await browser.expect("suback");
      browser.destroy();
    });

    test(`is one of ${PENDING_MOST} at most`, async () => {
      const { browser, broker } = await stage.open({ level });
      for (let id = 1; id <= PENDING_MOST; id++) {
        browser.send(subscribe(id, ["open/1", "closed/1"]));
        await broker.expect("subscribe");
      }
      browser.send(subscribe(PENDING_MOST + 1, ["open/1"]));
      await closes(browser, 1008, "flood", farewell(level, 0x97));
      assert.deepEqual(await broker.untilEnded(), []);
    });

    test("does not wait any more once it is answered", async () => {
      const { browser, broker } = await stage.open({ level });
      for (let id = 1; id <= 3 * PENDING_MOST; id++) {
        browser.send(subscribe(id, ["open/1", "closed/1"]));
        await broker.expect("subscribe");
        if (id % PENDING_MOST !== 0) continue;
        for (let old = id - PENDING_MOST + 1; old <= id; old++) {
          broker.write(suback(old, [0]));
          const { id: own, codes } = await browser.expect("suback");
          assert.deepEqual([own, codes], [old, [0, no]]);
        }
      }
      browser.destroy();
    });

    test(`has ${FILTERS_MOST} filters at most`, async () => {
      const { browser, broker } = await stage.open({ level });
      const filters = (count) =>
        Array.from({ length: count }, (_, i) => `open/${i}`);
      browser.send(subscribe(1, filters(FILTERS_MOST)));
      const forwarded = await broker.expect("subscribe");
      assert.equal(forwarded.filters.length, FILTERS_MOST);
      broker.write(suback(1, Array(FILTERS_MOST).fill(0)));
      await browser.expect("suback");
      browser.send(subscribe(2, filters(FILTERS_MOST + 1)));
      await closes(browser, 1008, "flood", farewell(level, 0x97));
      assert.deepEqual(await broker.untilEnded(), []);
    });
  });
}

describe("MQTT 5: topic aliases under an ACL", () => {
  const level = 5;
  const offer = { aliasMaximum: 10, maximumQos: 1, reason: "hello" };
  const stage = scripted({ properties: properties(offer) });
  before(() => stage.start());
  after(() => stage.stop());

  const publish = (topic, alias, options = {}) =>
    packets.publish({
      level,
      topic,
      properties: alias === null ? [] : properties({ alias }),
      ...options,
    });

  test("are not offered to the browser: the rest of CONNACK is", async () => {
    const { browser } = await stage.open({ level });
    const { aliasMaximum, ...wanted } = offer;
    const seen = readProperties(browser.connack.properties);
    assert.equal(seen.aliasMaximum, undefined);
    for (const [name, value] of Object.entries(wanted)) {
      assert.equal(seen[name], value, name);
    }
    browser.destroy();
  });

  test("are not offered to the broker: the rest of CONNECT is", async () => {
    const wanted = { user: [["a", "b"]], requestProblem: 1 };
    const values = { aliasMaximum: 7, ...wanted };
    const session = { properties: properties(values), clientId: "aliased" };
    const { browser, broker } = await stage.open({ level, session });
    const seen = readProperties(broker.connect.properties);
    assert.equal(seen.aliasMaximum, undefined);
    for (const [name, value] of Object.entries(wanted)) {
      assert.deepEqual(seen[name], value, name);
    }
    assert.equal(broker.connect.clientId, "aliased");
    browser.destroy();
  });

  for (const [name, bytes, code] of [
    ["an alias with its topic", publish("open/1", 1), 0x94],
    ["an alias with a refused topic", publish("closed/1", 1), 0x94],
    ["an alias without topic", publish("", 1), 0x94],
    ["alias 0", publish("open/1", 0), 0x94],
    ["alias 65535", publish("open/1", 65535), 0x94],
    ["an alias at QoS 1", publish("open/1", 1, { qos: 1 }), 0x94],
    ["no topic and no alias", publish("", null), 0x82],
    ["an alias for bad UTF-8", publish(Buffer.of(0x6f, 0xff), 1), 0x81],
  ]) {
    const hex = `0x${code.toString(16)}`;
    test(`${name} gets a DISCONNECT ${hex}`, async () => {
      const { browser, broker } = await stage.open({ level });
      browser.send(bytes);
      const seen = farewell(level, code);
      await closes(browser, 1002, ["malformed", "protocol_error"], seen);
      assert.deepEqual(await broker.untilEnded(), []);
    });
  }

  test("that the broker uses all the same reach nobody", async () => {
    for (const bytes of [publish("open/1", 1), publish("", 1)]) {
      const { browser, broker } = await stage.open({ level });
      broker.write(bytes);
      const { code, packets: seen } = await browser.expectClose();
      assert.ok([1011, 1014].includes(code), `${code}`);
      assert.deepEqual(
        brief(seen).filter(([type]) => type === "publish"),
        [],
      );
      await broker.untilEnded();
    }
  });
});

describe("MQTT 5: topic aliases without an ACL", () => {
  const level = 5;
  const stage = scripted(
    { properties: properties({ aliasMaximum: 10 }) },
    { routes: [mqttRoute()] },
  );
  before(() => stage.start());
  after(() => stage.stop());

  test("are between browser and broker", async () => {
    const values = { aliasMaximum: 7 };
    const session = { properties: properties(values) };
    const { browser, broker } = await stage.open({ level, session });
    assert.equal(readProperties(browser.connack.properties).aliasMaximum, 10);
    assert.equal(readProperties(broker.connect.properties).aliasMaximum, 7);
    const alias = properties({ alias: 1 });
    const full = { level, topic: "a", properties: alias };
    const bare = { level, topic: "", properties: alias };
    for (const one of [full, bare].map(packets.publish)) {
      browser.send(one);
      assert.deepEqual((await broker.expect("publish")).bytes, one);
      broker.write(one);
      assert.deepEqual((await browser.expect("publish")).bytes, one);
    }
    browser.destroy();
  });
});
