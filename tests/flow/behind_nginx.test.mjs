// SPDX-License-Identifier: Apache-2.0
// The real nginx in front of the gateway, over TCP and over a Unix socket,
// with nothing but what README says: sessions of every kind pass, and the
// client's own address is what the log and the limits have.
import assert from "node:assert/strict";
import { after, afterEach, before, describe, test } from "node:test";

import { Behind } from "./fixtures/behind.mjs";
import { Operator } from "./fixtures/operator.mjs";
import { plainHead, readAnswer } from "./fixtures/request.mjs";
import { Socket } from "./fixtures/socket.mjs";
import { KINDS, openTalker } from "./fixtures/talker.mjs";
import { until } from "./fixtures/wait.mjs";
import { handshake } from "./fixtures/websocket.mjs";

const CLIENT = "127.0.0.9";
const OTHER = "127.0.0.10";
const MOST = 3; // of an address
const LIMITED = { trusted_proxies: ["127.0.0.1"] };

let behind, operator;

before(async () => {
  operator = await Operator.create();
  behind = await Behind.start({
    admin: operator.setting,
    listeners: {
      connections: { ...LIMITED, connections_per_address: MOST },
      rate: { ...LIMITED, handshakes_per_s_per_address: 1 },
    },
    nginx: {
      ipv6: { to: "plain", host: "::1" },
      connections: { to: "connections" },
      rate: { to: "rate" },
      second: { to: "plain", secure: false },
      behindHeader: { to: "unix", behind: true },
    },
    haproxy: {
      first: {
        to: ({ nginx }) => `127.0.0.1:${nginx.port("second")}`,
        mode: "http",
        secure: true,
      },
      header: {
        to: ({ nginx }) => `127.0.0.1:${nginx.port("behindHeader")}`,
        mode: "tcp",
        send: "send-proxy",
      },
    },
  });
  await behind.plant.unaffected();
});
after(async () => {
  await behind?.stop();
  await operator?.remove();
});
afterEach(() => behind.plant.unaffected());

// The log's line about a session that this opens, and what it opened.
async function opened(open) {
  const from = behind.gateway.lines.length;
  const session = await open();
  const line = await behind.gateway.line(/^session \S+ opened /, { from });
  return { session, line };
}

async function fromOf(options) {
  const { session, line } = await opened(() => behind.plant.open(options));
  await session.leave();
  return / from=(\S+) /.exec(line)[1];
}

const DOORS = { "over TCP": "tcp", "over a Unix socket": "unix" };

for (const [title, nginx] of Object.entries(DOORS)) {
  describe(title, () => {
    const way = () => ({ ...behind.way({ nginx }), from: CLIENT });

    for (const kind of KINDS) {
      test(`${kind}: a session is the client's`, async () => {
        const { session, line } = await opened(() => openTalker(kind, way()));
        assert.equal(await session.echo("hello"), "hello");
        assert.match(line, / from=127\.0\.0\.9 /);
        const id = /^session (\S+) /.exec(line)[1];
        assert.match(await operator.ask("who", id), /^ *from +127\.0\.0\.9$/m);
        session.websocket.destroy();
      });
    }

    test("a client that forges the field is told apart by nginx", async () => {
      const forged = [
        ["X-Forwarded-For: 203.0.113.9"],
        ["X-Forwarded-For: 127.0.0.1"],
        ["X-Forwarded-For: 203.0.113.9", "X-Forwarded-For: 127.0.0.1"],
        ["X-Forwarded-For: 203.0.113.9, 127.0.0.1, 127.0.0.1"],
        ["X-Forwarded-For: ,,; <script>\t\x7f"],
        [`X-Forwarded-For: ${"1".repeat(400)}`],
        ["Forwarded: for=203.0.113.9", "X-Real-IP: 203.0.113.9"],
      ];
      for (const more of forged) {
        assert.equal(await fromOf({ ...way(), more }), CLIENT, more);
      }
    });

    test("one that is too long is refused, and nobody else suffers", async () => {
      const more = [`X-Forwarded-For: ${"1".repeat(600)}`];
      const { status, socket } = await handshake({ ...way(), more });
      assert.equal(status, 400);
      socket.destroy();
    });

    test("what is refused is logged with the client's address", async () => {
      const from = behind.gateway.lines.length;
      const origin = "http://evil.test";
      const { status, socket } = await handshake({ ...way(), origin });
      assert.equal(status, 403);
      socket.destroy();
      const line = await behind.gateway.line(/origin_unknown/, { from });
      assert.match(line, / from=127\.0\.0\.9 /);
    });

    test("a request that is no WebSocket gets the gateway's answer", async () => {
      for (const [target, wanted] of [["/mqtt", 426], ["/no", 404]]) {
        const socket = await Socket.open(way());
        socket.write(plainHead({ target }));
        assert.equal((await readAnswer(socket)).status, wanted);
        socket.destroy();
      }
    });

    test("a client that vanishes ends its session", async () => {
      const from = behind.gateway.lines.length;
      const browser = await behind.plant.open(way());
      browser.destroy();
      const line = /^session \S+ closed reason=browser_vanished .* from=127\.0\.0\.9 /;
      await behind.gateway.line(line, { from });
    });
  });
}

test("IPv6: the client's address is its own", async () => {
  const way = { ...behind.way({ nginx: "ipv6" }), address: "::1" };
  assert.equal(await fromOf(way), "::1");
});

describe("through two proxies", () => {
  test("HAProxy adds the client, nginx HAProxy: the client it is", async () => {
    const way = { ...behind.way({ haproxy: "first" }), from: CLIENT };
    assert.equal(await fromOf(way), CLIENT);
    const more = ["X-Forwarded-For: 203.0.113.9"];
    assert.equal(await fromOf({ ...way, more }), CLIENT);
  });

  test("nginx has the client from a PROXY header of HAProxy", async () => {
    const way = { ...behind.way({ haproxy: "header" }), from: CLIENT };
    assert.equal(await fromOf(way), CLIENT);
  });
});

describe("limits by address count clients, not nginx", () => {
  async function status(way) {
    const answer = await handshake(way);
    if (answer.status !== 101) answer.socket.destroy();
    return answer;
  }

  test("connections_per_address", async () => {
    const way = behind.way({ nginx: "connections" });
    const held = [];
    for (const from of [CLIENT, OTHER]) {
      for (let i = 0; i < MOST; i++) {
        held.push(await behind.plant.arrive({ ...way, from }));
      }
      const one = await status({ ...way, from });
      assert.equal(one.status, 429, one.line);
    }
    for (const one of held) one.destroy();
    const comes = async () => {
      const { status: code, socket } = await status({ ...way, from: CLIENT });
      socket.destroy();
      return code === 101;
    };
    await until(comes, { what: "a place again" });
  });

  test("handshakes_per_s_per_address", async () => {
    const way = behind.way({ nginx: "rate" });
    const codes = async (from) => {
      const all = Array.from({ length: 10 }, () => status({ ...way, from }));
      const answers = await Promise.all(all);
      for (const { socket } of answers) socket.destroy();
      return answers.map((one) => one.status);
    };
    assert.ok((await codes(CLIENT)).includes(429));
    assert.ok((await codes(OTHER)).includes(101));
  });
});
