// SPDX-License-Identifier: Apache-2.0
// The list of hostile MQTT: each row of it ends its session, alone, with the
// right words, and none of it reaches the broker, however it is cut.
//
// The rows of a group run many at once, then each is a test of what came of
// it.
import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";

import * as packets from "./fixtures/packets.mjs";
import { LEVELS, text, variable, VERSION_NAMES } from "./fixtures/packets.mjs";
import { Plant } from "./fixtures/plant.mjs";
import { properties } from "./fixtures/properties.mjs";
import { frame } from "./fixtures/websocket.mjs";

const AT_ONCE = 24;
const PROMPT = "set_tcp_nodelay true"; // a beat must not wait for an ACK
const MALFORMED = 0x81;
const PROTOCOL_ERROR = 0x82;
const ALIAS = 0x94;
const WORDS = {
  [MALFORMED]: "malformed",
  [PROTOCOL_ERROR]: "protocol_error",
};

const hex = (words) => Buffer.from(words.replaceAll(" ", ""), "hex");
const users = (count) => properties({ user: Array(count).fill(["", ""]) });
const deep = (levels) => Array(levels).fill("a").join("/");

// What a string of MQTT must not be [MQTT5 1.5.4, origin-and-acl.md 6.2].
const STRINGS = {
  "U+0000": hex("61 00 62"),
  "U+0001": hex("61 01 62"),
  "a line feed": hex("61 0a 62"),
  "U+007F": hex("61 7f"),
  "U+0085": hex("61 c2 85"),
  "an octet ff": hex("61 ff"),
  "a continuation alone": hex("61 80"),
  "half a character": hex("61 e2 82"),
  "half a character before another": hex("e2 82 61 62"),
  "an overlong slash": hex("61 c0 af"),
  "an overlong slash of three": hex("61 e0 80 af"),
  "an overlong U+0000": hex("61 c0 80"),
  "a surrogate": hex("61 ed a0 80"),
  "a pair of surrogates": hex("ed a0 bd ed b8 80"),
  "U+FFFF": hex("61 ef bf bf"),
  "U+FFFE": hex("61 ef bf be"),
  "U+FDD0": hex("61 ef b7 90"),
  "U+1FFFE": hex("61 f0 9f bf be"),
  "U+110000": hex("61 f4 90 80 80"),
  "an octet f8": hex("f8 88 80 80 80"),
};

const FILTERS = {
  "a# in one level": "a#",
  "a+ in one level": "a+/b",
  "# before the end": "a/#/b",
  "129 levels": deep(129),
  "an empty group of $share": "$share//a",
  "no group of $share": "$share",
  "no filter of $share": "$share/g",
  "an empty filter of $share": "$share/g/",
  "a wildcard for a group of $share": "$share/+/a",
  "a wildcard in a group of $share": "$share/g#/a",
  "a nested $share": "$share/g/$share/h/a",
};

const TOPICS = {
  "a +": "a/+",
  "a #": "a/#",
  "a + inside a level": "a+b",
  "129 levels": deep(129),
};

// A row: its name, its octets, and for MQTT 5 its code, when just one will do.
function inSession(level) {
  const rows = [];
  const row = (name, bytes, code = null) => rows.push({ name, bytes, code });
  const only5 = level === 5;
  const none = only5 ? "00" : ""; // no properties
  const { packet, number } = packets;
  const raw = (type, flags, ...parts) => packet(type, flags, ...parts);
  const publish = (options) =>
    packets.publish({ level, topic: "t", ...options });
  const subscribe = (options) =>
    packets.subscribe({ level, filters: [["t", 0]], ...options });
  const unsubscribe = (options) =>
    packets.unsubscribe({ level, filters: ["t"], ...options });

  for (const first of ["30", "32", "40", "82", "a2", "c0", "e0"]) {
    row(`a length of 5 octets for ${first}`, hex(`${first} 80808080 01`), 0x81);
    row(`a length without end for ${first}`, hex(`${first} ffffffff ff`), 0x81);
  }

  row("PUBLISH shorter than its topic", hex("30 03 0010 61"), 0x81);
  row("PUBLISH without a topic length", hex("30 01 00"), 0x81);
  row("PUBLISH of nothing", hex("30 00"), 0x81);
  row("PUBLISH of QoS 1 cut before its id", hex("32 03 0001 61"), 0x81);
  row("PUBLISH of QoS 2 cut in its id", hex("34 04 0001 61 00"), 0x81);
  row("SUBSCRIBE cut before its id", hex("82 01 00"), 0x81);
  row("SUBSCRIBE of nothing", hex("82 00"), 0x81);
  row(
    "SUBSCRIBE cut in its filter",
    hex(`82 ${only5 ? "06" : "05"} 0001 ${none} 0010 61`),
  );
  row(
    "SUBSCRIBE without options",
    hex(`82 ${only5 ? "06" : "05"} 0001 ${none} 0001 61`),
  );
  row(
    "SUBSCRIBE with an octet too many",
    raw("subscribe", 2, number(1), hex(none), text("a"), hex("00 00")),
  );
  row("UNSUBSCRIBE of nothing", hex("a2 00"), 0x81);
  row(
    "UNSUBSCRIBE cut in its filter",
    raw("unsubscribe", 2, number(1), hex(none), hex("0010 61")),
  );
  row(
    "UNSUBSCRIBE with an octet too many",
    raw("unsubscribe", 2, number(1), hex(none), text("a"), hex("00")),
  );
  row("PINGREQ with an octet", hex("c0 01 00"), 0x81);
  for (const [type, first] of [
    ["PUBACK", "40"],
    ["PUBREC", "50"],
    ["PUBREL", "62"],
    ["PUBCOMP", "70"],
  ]) {
    row(`${type} of nothing`, hex(`${first} 00`), 0x81);
    row(`${type} of half an id`, hex(`${first} 01 00`), 0x81);
    row(`${type} of id 0`, hex(`${first} 02 0000`));
    if (only5) {
      row(`${type} with reason 1`, hex(`${first} 03 0001 01`));
      row(
        `${type} with octets after its properties`,
        hex(`${first} 05 0001 00 00 00`),
      );
      row(
        `${type} with properties past its end`,
        hex(`${first} 04 0001 00 05`),
      );
      row(`${type} with an alias`, hex(`${first} 07 0001 00 03 23 0001`));
    } else {
      row(`${type} with an octet too many`, hex(`${first} 03 0001 00`));
    }
  }

  row("a packet of type 0", hex("00 00"), 0x81);
  if (!only5) row("a packet of type 15", hex("f0 00"));

  const flags = {
    PUBACK: [0x41, 0x42, 0x44, 0x48],
    PUBREC: [0x51, 0x52, 0x54, 0x58],
    PUBREL: [0x60, 0x61, 0x63, 0x64],
    PUBCOMP: [0x71, 0x72, 0x74, 0x78],
  };
  for (const [name, firsts] of Object.entries(flags)) {
    for (const first of firsts) {
      row(
        `${name} with first octet ${first.toString(16)}`,
        Buffer.concat([Buffer.of(first), hex("02 0001")]),
        0x81,
      );
    }
  }
  for (const [name, bytes, wrong] of [
    ["SUBSCRIBE", subscribe(), [0x80, 0x81, 0x83, 0x86]],
    ["UNSUBSCRIBE", unsubscribe(), [0xa0, 0xa1, 0xa3, 0xa6]],
    ["PINGREQ", packets.pingreq(), [0xc1, 0xc2, 0xc4, 0xc8]],
    ["DISCONNECT", packets.disconnect(), [0xe1, 0xe2, 0xe4, 0xe8]],
  ]) {
    for (const first of wrong) {
      const changed = Buffer.from(bytes);
      changed[0] = first;
      row(`${name} with first octet ${first.toString(16)}`, changed, 0x81);
    }
  }

  row("PUBLISH of QoS 3", hex("36 06 0001 61 0001 00"), 0x81);
  row("PUBLISH of QoS 0 with DUP", publish({ duplicate: true }), 0x81);
  for (const qos of [1, 2]) {
    row(`PUBLISH of QoS ${qos} with id 0`, publish({ qos, id: 0 }));
  }
  row("SUBSCRIBE with id 0", subscribe({ id: 0 }));
  row("UNSUBSCRIBE with id 0", unsubscribe({ id: 0 }));
  row("SUBSCRIBE without filter", subscribe({ filters: [] }));
  row("UNSUBSCRIBE without filter", unsubscribe({ filters: [] }));
  row("SUBSCRIBE of QoS 3", subscribe({ filters: [["t", 3]] }));
  row(
    "SUBSCRIBE of QoS 3 as the last of many",
    subscribe({
      filters: [
        ["a", 0],
        ["b", 1],
        ["c", 3],
      ],
    }),
  );
  if (only5) {
    row("SUBSCRIBE with reserved bit 6", subscribe({ filters: [["t", 0x40]] }));
    row("SUBSCRIBE with reserved bit 7", subscribe({ filters: [["t", 0x80]] }));
    row(
      "SUBSCRIBE with retain handling 3",
      subscribe({ filters: [["t", 0x30]] }),
    );
    row(
      "SUBSCRIBE to a share with No Local",
      subscribe({ filters: [["$share/g/t", 4]] }),
      0x82,
    );
  } else if (level === 4) {
    for (const bit of [0x04, 0x08, 0x10, 0x20, 0x40, 0x80]) {
      row(
        `SUBSCRIBE with reserved bits ${bit}`,
        subscribe({ filters: [["t", bit]] }),
      );
    }
  }

  row("a second CONNECT", packets.connect({ level, clientId: "two" }), 0x82);
  row(
    "a second CONNECT of another level",
    packets.connect({ level: level === 5 ? 4 : 5 }),
  );
  row("CONNACK", packets.connack({ level }));
  row("SUBACK", packets.suback({ level, codes: [0] }));
  row("UNSUBACK", hex(only5 ? "b0 04 0001 00 00" : "b0 02 0001"));
  row("PINGRESP", packets.pingresp());

  for (const [name, bad] of Object.entries(STRINGS)) {
    row(`PUBLISH to ${name}`, publish({ topic: bad }), 0x81);
    row(
      `SUBSCRIBE to ${name}`,
      subscribe({
        filters: [
          ["t", 0],
          [bad, 0],
        ],
      }),
      0x81,
    );
    row(`UNSUBSCRIBE of ${name}`, unsubscribe({ filters: [bad] }), 0x81);
  }
  for (const [name, bad] of Object.entries(TOPICS)) {
    row(`PUBLISH to ${name}`, publish({ topic: bad, qos: 1 }), 0x81);
  }
  row("PUBLISH to an empty topic", publish({ topic: "" }), only5 ? 0x82 : null);
  for (const [name, bad] of Object.entries(FILTERS)) {
    row(`SUBSCRIBE to ${name}`, subscribe({ filters: [[bad, 0]] }), 0x81);
    row(`UNSUBSCRIBE of ${name}`, unsubscribe({ filters: [bad] }), 0x81);
  }
  row("SUBSCRIBE to an empty filter", subscribe({ filters: [["", 0]] }), 0x81);
  row("UNSUBSCRIBE of an empty filter", unsubscribe({ filters: [""] }), 0x81);

  if (!only5) {
    row("DISCONNECT with an octet", hex("e0 01 00"), 0x81);
    return rows;
  }

  row("DISCONNECT with octets after its properties", hex("e0 03 00 00 00"));
  row("DISCONNECT with reason 1", hex("e0 01 01"));
  row("DISCONNECT with properties past its end", hex("e0 02 00 05"));
  row("AUTH with flags", hex("f1 00"), 0x81);
  row("AUTH with reason 1", hex("f0 02 01 00"));

  const { alias, user, ...lists } = {
    "an unknown id": hex("7f 00"),
    "property 0": hex("00 00"),
    "an id of two octets": hex("81 01 00"),
    "one cut short": hex("26 0001 61 00"),
    "a value past its end": hex("03 0040 61"),
    "a U+0000 in a user property": properties({ user: [["a", "b\0"]] }),
    "a U+0000 in the name of a user property": properties({
      user: [["\0", "b"]],
    }),
    "bad UTF-8 in a user property": hex("26 0001 ff 0001 61"),
    "one of CONNECT": properties({ sessionExpiry: 1 }),
    "one of CONNACK": properties({ assignedClientId: "a" }),
  };
  for (const [name, list] of Object.entries(lists)) {
    row(`PUBLISH with ${name}`, publish({ properties: list }));
    row(`SUBSCRIBE with ${name}`, subscribe({ properties: list }));
    row(`UNSUBSCRIBE with ${name}`, unsubscribe({ properties: list }));
    if (!name.includes("CONNECT")) {
      row(
        `DISCONNECT with ${name}`,
        raw("disconnect", 0, hex("00"), packets.sized(list)),
      );
    }
  }
  const twice = (values) =>
    Buffer.concat([properties(values), properties(values)]);
  row(
    "PUBLISH with two content types",
    publish({ properties: twice({ contentType: "a" }) }),
    0x82,
  );
  row(
    "PUBLISH with two expiries",
    publish({ properties: twice({ messageExpiry: 5 }) }),
    0x82,
  );
  row("PUBLISH with two aliases", publish({ properties: twice({ alias: 5 }) }));
  row(
    "SUBSCRIBE with two identifiers",
    subscribe({ properties: twice({ subscriptionId: 5 }) }),
    0x82,
  );
  row(
    "SUBSCRIBE with identifier 0",
    subscribe({ properties: properties({ subscriptionId: 0 }) }),
    0x82,
  );
  row(
    "SUBSCRIBE with an identifier of 5 octets",
    subscribe({ properties: hex("0b 80808080 01") }),
    0x81,
  );
  row(
    "SUBSCRIBE with a longer identifier than need be",
    subscribe({ properties: hex("0b 81 00") }),
    0x81,
  );
  row(
    "PUBLISH with a subscription identifier",
    publish({ properties: properties({ subscriptionId: 1 }) }),
    0x82,
  );
  row(
    "PUBLISH with payload format 2",
    publish({ properties: properties({ payloadFormat: 2 }) }),
  );
  row(
    "PUBLISH with alias 0",
    publish({ properties: properties({ alias: 0 }) }),
    ALIAS,
  );
  row(
    "PUBLISH with a wildcard in its response topic",
    publish({ properties: properties({ responseTopic: "a/+" }) }),
    0x82,
  );
  row(
    "PUBLISH with bad UTF-8 in its response topic",
    publish({ properties: hex("08 0001 ff") }),
    0x81,
  );
  row(
    "PUBLISH with 10 000 user properties",
    publish({ properties: users(10000) }),
  );
  row(
    "SUBSCRIBE with 10 000 user properties",
    subscribe({ properties: users(10000) }),
  );
  row("PUBLISH with properties past its end", hex("30 05 0001 61 10 00"), 0x81);
  row(
    "PUBLISH with a property length of 5 octets",
    hex("30 09 0001 61 80808080 01 00"),
    0x81,
  );
  row(
    "PUBLISH with a longer property length than need be",
    hex("30 05 0001 61 80 00"),
    0x81,
  );
  row(
    "SUBSCRIBE with properties past its end",
    hex("82 07 0001 40 0001 61 00"),
    0x81,
  );
  return rows;
}

function beforeSession(level) {
  const rows = [];
  // `code` null: any of two, `none`: there is nobody to say it to yet.
  const row = (name, bytes, { code = null, none = false, end = 1002 } = {}) =>
    rows.push({ name, bytes, code, none, end });
  const only5 = level === 5;
  const connect = (options) =>
    packets.connect({ level, clientId: "hostile", ...options });
  const cut = (bytes, count) =>
    Buffer.concat([
      Buffer.of(bytes[0]),
      variable(bytes.length - 2 + count),
      count < 0 ? bytes.subarray(2, count) : bytes.subarray(2),
      Buffer.alloc(Math.max(count, 0)),
    ]);
  const none = { none: true };

  row("PUBLISH first", packets.publish({ level, topic: "t" }), none);
  row(
    "SUBSCRIBE first",
    packets.subscribe({ level, filters: [["t", 0]] }),
    none,
  );
  row("PINGREQ first", packets.pingreq(), none);
  row("CONNACK first", packets.connack({ level }), none);
  row("DISCONNECT first", packets.disconnect({ level }), none);
  row("AUTH first", hex("f0 00"), none);
  row("type 0 first", hex("00 00"), none);
  row(
    "CONNECT with first octet 11",
    Buffer.concat([hex("11"), connect().subarray(1)]),
    none,
  );
  row("CONNECT of 5 length octets", hex("10 80808080 01"), none);
  row("CONNECT of nothing", hex("10 00"), none);
  row("CONNECT of level 0", connect({ level: 0, name: "MQTT" }), none);
  row("CONNECT of level 6", connect({ level: 6, name: "MQTT" }), none);
  row("CONNECT of level 255", connect({ level: 255, name: "MQTT" }), none);
  row("CONNECT of MQTTX", connect({ name: "MQTTX" }), none);
  row("CONNECT of mqtt", connect({ name: "mqtt" }), none);
  row("CONNECT of an empty name", connect({ name: "" }), none);
  row(
    "CONNECT with its name past its end",
    hex("10 06 0020 4d 51 54 54"),
    none,
  );

  row("CONNECT with an octet too many", cut(connect(), 1));
  row("CONNECT with an octet too few", cut(connect(), -1));
  row("CONNECT cut before its client id", cut(connect({ clientId: "" }), -2));
  row(
    "CONNECT with a will of QoS 3",
    connect({ will: { topic: "w", qos: 3 } }),
  );
  row(
    "CONNECT with a wildcard in its will",
    connect({ will: { topic: "w/#" } }),
  );
  row(
    "CONNECT with an empty topic in its will",
    connect({ will: { topic: "" } }),
  );
  row(
    "CONNECT with a will of 129 levels",
    connect({ will: { topic: deep(129) } }),
  );
  if (level > 3) {
    row("CONNECT with its reserved bit", connect({ reserved: 1 }), {
      code: only5 ? 0x81 : null,
    });
    row("CONNECT with will flags and no will", connect({ reserved: 0x28 }));
    row(
      "CONNECT with a retained will and no will",
      connect({ reserved: 0x20 }),
    );
  }
  if (!only5)
    row("CONNECT with a password and no user", connect({ password: "p" }));
  for (const [name, bad] of Object.entries(STRINGS)) {
    row(`CONNECT with a client id of ${name}`, connect({ clientId: bad }));
    row(`CONNECT with a user of ${name}`, connect({ username: bad }));
    row(`CONNECT with a will to ${name}`, connect({ will: { topic: bad } }));
  }
  row(
    "CONNECT with a client id of 65535 octets",
    connect({ clientId: "i".repeat(65535) }),
    { end: 1009, code: only5 ? 0x95 : null, none: true },
  );
  if (level === 4) {
    row(
      "CONNECT with no client id and clean 0",
      connect({ clientId: "", clean: false }),
      { end: 1008, code: 2 },
    );
  }
  if (!only5) return rows;

  const list = (octets, more = {}) => connect({ properties: octets, ...more });
  const will = (octets) =>
    connect({ will: { topic: "w", properties: octets } });
  const both = { "a CONNECT": list, "a will": will };
  for (const [where, make] of Object.entries(both)) {
    row(`an unknown property in ${where}`, make(hex("7f 00")));
    row(`a property past its end in ${where}`, make(hex("26 0040 61")));
    row(
      `a U+0000 in a user property in ${where}`,
      make(properties({ user: [["a", "\0"]] })),
    );
    row(`10 000 user properties in ${where}`, make(users(10000)));
    row(`an alias in ${where}`, make(properties({ alias: 1 })));
    row(
      `a subscription identifier in ${where}`,
      make(properties({ subscriptionId: 1 })),
    );
  }
  row(
    "a will delay twice",
    will(
      Buffer.concat([
        properties({ willDelay: 1 }),
        properties({ willDelay: 1 }),
      ]),
    ),
  );
  row("a will with payload format 2", will(properties({ payloadFormat: 2 })));
  row(
    "a will with a wildcard in its response topic",
    will(properties({ responseTopic: "a/#" })),
  );
  row(
    "a session expiry twice",
    list(
      Buffer.concat([
        properties({ sessionExpiry: 1 }),
        properties({ sessionExpiry: 2 }),
      ]),
    ),
  );
  row("a receive maximum of 0", list(properties({ receiveMaximum: 0 })), {
    code: 0x82,
  });
  row("a maximum packet of 0", list(properties({ maximumPacket: 0 })), {
    code: 0x82,
  });
  row("a request for problems of 2", list(properties({ requestProblem: 2 })));
  row("AUTH data without a method", list(properties({ authData: "x" })), {
    code: 0x82,
  });
  row(
    "properties past the end",
    cut(
      connect({
        clientId: "",
        properties: Buffer.alloc(100, hex("26 0000 0000")),
      }),
      -50,
    ),
  );
  row(
    "a longer property length than need be",
    packets.packet(
      "connect",
      0,
      text("MQTT"),
      hex("05 02 003c 80 00"),
      text("i"),
    ),
  );
  return rows;
}

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
        const rows = inSession(level);
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
        const rows = beforeSession(level);
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
