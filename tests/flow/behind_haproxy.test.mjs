// SPDX-License-Identifier: Apache-2.0
// The real HAProxy in front of the gateway: where it ends TLS and writes
// X-Forwarded-For, and where it only passes on what comes, TLS included, with
// a PROXY header before it.
import assert from "node:assert/strict";
import { after, afterEach, before, describe, test } from "node:test";

import { Behind } from "./fixtures/behind.mjs";
import { channelRoute } from "./fixtures/channel_route.mjs";
import { jsonRoute, mqttRoute } from "./fixtures/config.mjs";
import { Operator } from "./fixtures/operator.mjs";
import * as proxy from "./fixtures/proxy_header.mjs";
import { Socket } from "./fixtures/socket.mjs";
import { KINDS, openTalker } from "./fixtures/talker.mjs";
import { until } from "./fixtures/wait.mjs";
import { handshake } from "./fixtures/websocket.mjs";

const CLIENT = "127.0.0.9";
const OTHER = "127.0.0.10";
const MOST = 3; // of an address
const TRUSTED = { trusted_proxies: ["127.0.0.1"] };
const PASSED = { ...TRUSTED, proxy_protocol: true };
const FORGED = ["X-Forwarded-For: 203.0.113.9"];

// What there is in front, and the log's words for its client. `isPlain`:
// HAProxy passes on what is no TLS.
const DOORS = {
  http: { title: "TLS ends there", from: /^127\.0\.0\.9$/ },
  passed: { title: "TLS passes, version 2", from: /^127\.0\.0\.9:\d+$/ },
  passed1: { title: "TLS passes, version 1", from: /^127\.0\.0\.9:\d+$/ },
  plain1: { title: "plain, version 1", from: /^127\.0\.0\.9:\d+$/, isPlain: true },
  plain2: { title: "plain, version 2", from: /^127\.0\.0\.9:\d+$/, isPlain: true },
};

let behind, operator;

before(async () => {
  operator = await Operator.create();
  behind = await Behind.start({
    admin: operator.setting,
    routes: [
      mqttRoute(),
      jsonRoute(),
      channelRoute(),
      mqttRoute({ path: "/few", limits: { sessions_per_address: MOST } }),
    ],
    listeners: {
      direct: { trusted_proxies: [] },
      stranger: { trusted_proxies: ["192.0.2.7"] },
      strangerHeader: { ...PASSED, trusted_proxies: ["192.0.2.7"] },
      connections: { ...TRUSTED, connections_per_address: MOST },
      passedConnections: { ...PASSED, connections_per_address: MOST },
      rate: { ...TRUSTED, handshakes_per_s_per_address: 1 },
      passedRate: { ...PASSED, handshakes_per_s_per_address: 1 },
    },
    haproxy: {
      passed1: { to: "headerTls", mode: "tcp", send: "send-proxy" },
      plain1: { to: "header", mode: "tcp", send: "send-proxy" },
      plain2: { to: "header", mode: "tcp", send: "send-proxy-v2" },
      ipv6: { to: "header", mode: "tcp", send: "send-proxy-v2", host: "::1" },
      httpConnections: { to: "connections", mode: "http", secure: true },
      httpRate: { to: "rate", mode: "http", secure: true },
      tcpConnections: tcpTo("passedConnections"),
      tcpRate: tcpTo("passedRate"),
    },
  });
  await behind.plant.unaffected();
});
after(async () => {
  await behind?.stop();
  await operator?.remove();
});
afterEach(() => behind.plant.unaffected());

function tcpTo(to) {
  return { to, mode: "tcp", send: "send-proxy-v2", secure: true };
}

function wayOf(name) {
  const way = { ...behind.way({ haproxy: name }), from: CLIENT };
  return DOORS[name]?.isPlain ? { ...way, secure: null } : way;
}

// The log's line about a session that this opens, and what it opened.
async function opened(open) {
  const from = behind.gateway.lines.length;
  const session = await open();
  const line = await behind.gateway.line(/^session \S+ opened /, { from });
  return { session, from: / from=(\S+) /.exec(line)[1], line };
}

async function fromOf(options) {
  const { session, from } = await opened(() => behind.plant.open(options));
  await session.leave();
  return from;
}

// lws passes over a line that is no request, and then has one that is.
async function isNotHeard(way) {
  for (const preface of [proxy.line(), proxy.block()]) {
    const from = await fromOf({ ...way, preface }).catch(() => null);
    if (from !== null) assert.match(from, DOORS.plain1.from);
  }
}

for (const [name, { title, from }] of Object.entries(DOORS)) {
  describe(title, () => {
    for (const kind of KINDS) {
      test(`${kind}: a session is the client's`, async () => {
        const way = wayOf(name);
        const one = await opened(() => openTalker(kind, way));
        assert.equal(await one.session.echo("hello"), "hello");
        assert.match(one.from, from);
        const id = /^session (\S+) /.exec(one.line)[1];
        const told = /^ *from +(\S+)$/m.exec(await operator.ask("who", id));
        assert.equal(told[1], one.from);
        one.session.websocket.destroy();
      });
    }

    test("a client that forges X-Forwarded-For stays who it is", async () => {
      const many = [...FORGED, "X-Forwarded-For: 127.0.0.1, 127.0.0.1"];
      const garbage = ["X-Forwarded-For: ,,; <script>"];
      for (const more of [FORGED, many, garbage]) {
        assert.match(await fromOf({ ...wayOf(name), more }), from);
      }
    });

    test("a client that vanishes ends its session", async () => {
      const before = behind.gateway.lines.length;
      const browser = await behind.plant.open(wayOf(name));
      browser.destroy();
      const line = /^session \S+ closed reason=browser_vanished .* from=127\.0\.0\.9/;
      await behind.gateway.line(line, { from: before });
    });
  });
}

describe("a client that writes a PROXY header of its own", () => {
  test("is not heard where HAProxy writes one", async () => {
    for (const name of ["plain1", "plain2"]) await isNotHeard(wayOf(name));
  });

  test("nor where HAProxy ends TLS", async () => {
    await assert.rejects(
      handshake({ ...wayOf("http"), preface: proxy.line() }),
    );
  });
});

describe("a client that comes by itself, and is no trusted proxy", () => {
  const LISTENERS = ["direct", "stranger"];

  test("changes nothing with X-Forwarded-For", async () => {
    for (const listener of LISTENERS) {
      const way = { ...behind.way({ listener }), from: CLIENT };
      assert.match(await fromOf({ ...way, more: FORGED }), DOORS.plain1.from);
    }
  });

  test("nor with X-Forwarded-For of any length", async () => {
    const way = { ...behind.way({ listener: "direct" }), from: CLIENT };
    const more = [`X-Forwarded-For: ${"1, ".repeat(1000)}`];
    assert.match(await fromOf({ ...way, more }), DOORS.plain1.from);
  });

  test("nor with a PROXY header", async () => {
    for (const listener of LISTENERS) {
      await isNotHeard({ ...behind.way({ listener }), from: CLIENT });
    }
  });

  test("is not let in where HAProxy is", async () => {
    for (const listener of ["header", "headerTls", "strangerHeader"]) {
      const { port } = behind.way({ listener });
      const preface = proxy.line();
      const socket = await Socket.open({ port, from: CLIENT, preface });
      await socket.untilEnded();
      assert.equal(socket.bytes.length, 0);
    }
    const line = await behind.gateway.line(/reason=proxy_header/);
    assert.match(line, / from=127\.0\.0\.9:\d+ /);
  });
});

test("IPv6: the client's address is its own", async () => {
  const way = { ...behind.way({ haproxy: "ipv6" }), address: "::1" };
  assert.match(await fromOf({ ...way, secure: null }), /^\[::1\]:\d+$/);
});

describe("limits by address count clients, not HAProxy", () => {
  async function come(way, count) {
    const all = Array.from({ length: count }, () => handshake(way));
    return Promise.all(all);
  }

  const leave = (answers) => answers.forEach(({ socket }) => socket.destroy());
  const statuses = (answers) => answers.map(({ status }) => status);

  // Both clients may have so many, and no more.
  async function isLimit(way, refused) {
    const held = [];
    for (const from of [CLIENT, OTHER]) {
      const good = await come({ ...way, from }, MOST);
      assert.deepEqual(statuses(good), Array(MOST).fill(101));
      held.push(...good);
      await refused({ ...way, from });
    }
    leave(held);
    const again = async () => {
      const answers = await come({ ...way, from: CLIENT }, 1).catch(() => []);
      leave(answers);
      return statuses(answers)[0] === 101;
    };
    await until(again, { what: "a place again" });
  }

  async function isToldSo(way) {
    const [answer] = await come(way, 1);
    assert.equal(answer.status, 429, answer.line);
    answer.socket.destroy();
  }

  for (const name of ["http", "tcp"]) {
    test(`${name}: connections_per_address`, async () => {
      const haproxy = `${name}Connections`;
      await isLimit(behind.way({ haproxy }), isToldSo);
    });

    test(`${name}: handshakes_per_s_per_address`, async () => {
      const way = behind.way({ haproxy: `${name}Rate` });
      const first = await come({ ...way, from: CLIENT }, 10);
      const second = await come({ ...way, from: OTHER }, 10);
      assert.ok(statuses(first).includes(429), statuses(first));
      assert.ok(statuses(second).includes(101), statuses(second));
      leave([...first, ...second]);
    });
  }

  for (const name of ["http", "passed"]) {
    test(`${name}: sessions_per_address`, async () => {
      const way = { ...behind.way({ haproxy: name }), target: "/few" };
      await isLimit(way, isToldSo);
    });
  }
});
