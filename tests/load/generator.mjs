// SPDX-License-Identifier: Apache-2.0
// Valid packets of a client, of any level, by chance.
//
// A session keeps to a few topics of its own, so that sessions do not feel
// each other. With `wild` the list of properties has more than it may.
import * as packets from "../flow/fixtures/packets.mjs";
import { properties } from "../flow/fixtures/properties.mjs";

const IDS = 12; // packet ids in use: few, so that they meet
const FAR = 1000; // ids from here on the broker does not use
const WORDS = [
  "a",
  "b",
  "Gr\u00fc\u00dfe",
  "x y",
  "",
  "0",
  "\u6e29",
  "\u{1d11e}",
];

const KINDS = [
  ["publish", 10],
  ["subscribe", 6],
  ["unsubscribe", 3],
  ["puback", 1],
  ["pubrec", 1],
  ["pubrel", 3],
  ["pubcomp", 1],
  ["pingreq", 1],
];

const ANSWERS = {
  puback: { flags: 0, codes: [0, 0x80, 0x83, 0x87, 0x90, 0x91, 0x97] },
  pubrec: { flags: 0, codes: [0, 0x80, 0x83, 0x87, 0x90, 0x91, 0x97] },
  pubrel: { flags: 2, codes: [0, 0x92] },
  pubcomp: { flags: 0, codes: [0, 0x92] },
};

const ENDS = [0, 4, 0x80, 0x81, 0x82, 0x83, 0x90, 0x93, 0x94, 0x95, 0x97];

const PLACES = {
  connect: [
    "sessionExpiry",
    "receiveMaximum",
    "maximumPacket",
    "aliasMaximum",
    "requestResponse",
    "requestProblem",
    "user",
  ],
  will: [
    "willDelay",
    "payloadFormat",
    "messageExpiry",
    "contentType",
    "responseTopic",
    "correlationData",
    "user",
  ],
  publish: [
    "payloadFormat",
    "messageExpiry",
    "contentType",
    "responseTopic",
    "correlationData",
    "user",
  ],
  subscribe: ["subscriptionId", "user"],
  unsubscribe: ["user"],
  answer: ["reason", "user"],
  disconnect: ["reason", "user"],
  auth: ["reason", "user"],
};

const ALL = [
  ...new Set(Object.values(PLACES).flat()),
  "alias",
  "assignedClientId",
  "authData",
  "authMethod",
  "maximumQos",
  "responseInformation",
  "retainAvailable",
  "serverKeepAlive",
  "serverReference",
  "sharedAvailable",
  "subscriptionIdAvailable",
  "wildcardAvailable",
];

export class Generator {
  #lastId = IDS; // of SUBSCRIBE and UNSUBSCRIBE: each is answered
  #level;
  #name;
  #random;

  // `name` is the session's: no other has it. `alias`: may there be one?
  constructor({ random, level, name, alias }) {
    this.#random = random;
    this.#level = level;
    this.#name = name;
    this.alias = alias;
  }

  connect(wild = false) {
    const random = this.#random;
    const level = this.#level;
    const clean = random.chance(0.8);
    const isNameless = random.chance(0.1) && clean && level > 3;
    const username = random.chance(0.3) ? random.pick(WORDS) : null;
    const hasPassword =
      (username !== null || level === 5) && random.chance(0.5);
    return packets.connect({
      level,
      clean,
      clientId: isNameless ? "" : this.#name,
      keepAlive: random.pick([0, 60, 300, 65535]),
      will: random.chance(0.3) ? this.#will(wild) : null,
      username,
      password: hasPassword ? random.octets(random.below(9)) : null,
      properties: this.#connectProperties(wild),
    });
  }

  next(wild = false) {
    const kind = this.#random.weighted(KINDS);
    return this[kind](wild);
  }

  publish(wild) {
    const random = this.#random;
    const qos = random.below(3);
    const topic = wild && random.chance(0.02) ? "$SYS/x" : this.#topic();
    const list = this.#properties("publish", wild);
    return packets.publish({
      level: this.#level,
      topic,
      payload: this.#payload(),
      qos,
      retain: random.chance(0.1),
      duplicate: qos > 0 && random.chance(0.1),
      id: this.#id(),
      properties: this.#withAlias(list),
    });
  }

  subscribe(wild) {
    const random = this.#random;
    const count = 1 + random.below(3);
    const filters = Array.from({ length: count }, () => {
      const filter = this.#filter();
      return [filter, this.#options(filter.startsWith("$share/"))];
    });
    const list = this.#properties("subscribe", wild);
    const level = this.#level;
    return packets.subscribe({
      level,
      id: ++this.#lastId,
      filters,
      properties: list,
    });
  }

  unsubscribe(wild) {
    const count = 1 + this.#random.below(3);
    return packets.unsubscribe({
      level: this.#level,
      id: ++this.#lastId,
      filters: Array.from({ length: count }, () => this.#filter()),
      properties: this.#properties("unsubscribe", wild),
    });
  }

  puback(wild) {
    return this.#answer("puback", wild);
  }

  pubrec(wild) {
    return this.#answer("pubrec", wild);
  }

  pubrel(wild) {
    return this.#answer("pubrel", wild);
  }

  pubcomp(wild) {
    return this.#answer("pubcomp", wild);
  }

  pingreq() {
    return packets.pingreq();
  }

  disconnect(wild) {
    return packets.disconnect({
      level: this.#level,
      code: this.#random.pick(ENDS),
      properties: this.#properties("disconnect", wild),
    });
  }

  auth(wild) {
    const method = properties({ authMethod: "plain" });
    const more = this.#properties("auth", wild);
    const list = packets.sized(Buffer.concat([method, more]));
    return packets.packet("auth", 0, Buffer.of(0x18), list);
  }

  #answer(type, wild) {
    const random = this.#random;
    const { flags, codes } = ANSWERS[type];
    // One that the broker waits for has to fit what it waits for.
    const id = wild || type === "pubrel" ? this.#id() : FAR + random.below(IDS);
    const parts = [packets.number(id)];
    if (this.#level === 5 && random.chance(0.4)) {
      parts.push(Buffer.of(random.pick(codes)));
      if (random.chance(0.5)) {
        parts.push(packets.sized(this.#properties("answer", wild)));
      }
    }
    return packets.packet(type, flags, ...parts);
  }

  // No broker here knows a method: a valid CONNECT names none.
  #connectProperties(wild) {
    const list = this.#properties("connect", wild);
    const isNamed = wild && this.#level === 5 && this.#random.chance(0.1);
    const method = isNamed ? properties({ authMethod: "plain" }) : "";
    return Buffer.concat([list, Buffer.from(method)]);
  }

  #will(wild) {
    const random = this.#random;
    return {
      topic: `${this.#name}/will`,
      payload: this.#payload(),
      qos: random.below(3),
      retain: random.chance(0.2),
      properties: this.#properties("will", wild),
    };
  }

  #id() {
    const random = this.#random;
    return 1 + random.below(random.chance(0.9) ? IDS : 65535);
  }

  #payload() {
    const random = this.#random;
    if (random.chance(0.5)) return Buffer.from(random.pick(WORDS));
    return random.octets(random.chance(0.02) ? 3000 : random.below(40));
  }

  #topic() {
    const random = this.#random;
    if (random.chance(0.02)) return random.pick(["/", "$own/a"]);
    const last = random.pick(["a", "b", "secret/x", "\u6e29", "a//b", ""]);
    return `${this.#name}/${last}`;
  }

  #filter() {
    const random = this.#random;
    const plain = random.chance(0.6)
      ? this.#topic()
      : `${this.#name}/${random.pick(["#", "+", "+/x", "a/#", "+/+/#"])}`;
    return random.chance(0.1) ? `$share/group/${plain}` : plain;
  }

  #options(isShared) {
    const random = this.#random;
    const qos = random.below(3);
    if (this.#level !== 5) return qos;
    const isLocal = !isShared && random.chance(0.2);
    const asPublished = random.chance(0.2);
    const retained = random.below(3);
    return qos | (isLocal ? 4 : 0) | (asPublished ? 8 : 0) | (retained << 4);
  }

  #withAlias(list) {
    const random = this.#random;
    if (this.#level !== 5 || !this.alias || !random.chance(0.1)) return list;
    const alias = properties({ alias: 1 + random.below(10) });
    return Buffer.concat([list, alias]);
  }

  #properties(place, wild) {
    const random = this.#random;
    if (this.#level !== 5) return Buffer.alloc(0);
    const legal = PLACES[place].filter(() => random.chance(0.15));
    const names = wild ? this.#tooMany(legal) : legal;
    return Buffer.concat(names.map((name) => this.#property(name, wild)));
  }

  // Once more what is there, or what is of another place.
  #tooMany(names) {
    const random = this.#random;
    if (random.chance(0.3)) return names;
    const more = [random.pick(names.length ? names : ALL), random.pick(ALL)];
    return names.concat(random.chance(0.5) ? more : more.slice(0, 1));
  }

  #property(name, wild) {
    const random = this.#random;
    const value = wild && random.chance(0.5) ? this.#edge(name) : null;
    return properties({ [name]: value ?? this.#value(name) });
  }

  #value(name) {
    const random = this.#random;
    if (FLAGS.includes(name)) {
      return name === "payloadFormat" ? 0 : random.below(2);
    }
    if (name === "user") return [["key", random.pick(WORDS)]];
    if (name === "responseTopic") return `${this.#name}/answer`;
    if (name === "maximumPacket") return 2000 + random.below(100000);
    if (NUMBERS.includes(name)) return 1 + random.below(100);
    return random.pick(WORDS);
  }

  #edge(name) {
    const random = this.#random;
    if (FLAGS.includes(name)) return random.pick([1, 2, 255]);
    if (name === "user") return [[random.pick(BAD), random.pick(BAD)]];
    if (name === "subscriptionId") return random.pick([0, 128, 268435455]);
    if (WIDE.includes(name)) return random.pick([0, 1, 19, 0xffffffff]);
    if (NUMBERS.includes(name)) return random.pick([0, 11, 65535]);
    return random.pick(BAD);
  }
}

const FLAGS = [
  "payloadFormat",
  "requestProblem",
  "requestResponse",
  "maximumQos",
  "retainAvailable",
  "wildcardAvailable",
  "subscriptionIdAvailable",
  "sharedAvailable",
];

const WIDE = ["messageExpiry", "sessionExpiry", "willDelay", "maximumPacket"];

const NUMBERS = [
  ...WIDE,
  "subscriptionId",
  "serverKeepAlive",
  "receiveMaximum",
  "aliasMaximum",
  "alias",
];

// What a string may not hold, or should not, or may though it looks odd.
export const BAD = [
  "",
  "a\u0000b",
  "\u0001",
  "\u007f",
  "\u0085",
  "\ufeff",
  "\ufffe",
  "\uffff",
  "\ufdd0",
  "\u{1ffff}",
  "+",
  "#",
  "a/#/b",
  "$share/g/t",
  Buffer.from([0xc0, 0x80]),
  Buffer.from([0xc1, 0xbf]),
  Buffer.from([0xe0, 0x80, 0x80]),
  Buffer.from([0xed, 0xa0, 0x80]),
  Buffer.from([0xed, 0xbf, 0xbf]),
  Buffer.from([0xf0, 0x80, 0x80, 0x80]),
  Buffer.from([0xf4, 0x90, 0x80, 0x80]),
  Buffer.from([0xf8, 0x88, 0x80, 0x80]),
  Buffer.from([0xff]),
  Buffer.from([0x80]),
  Buffer.from([0xe2, 0x82]),
];
