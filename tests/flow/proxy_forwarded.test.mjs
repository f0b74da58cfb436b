// SPDX-License-Identifier: Apache-2.0
// X-Forwarded-For as a trusted proxy sends it, field by field: the last
// address that no trusted proxy has is the client's, for the log and for
// limits by address; where none stands there the proxy speaks for itself.
import assert from "node:assert/strict";
import { after, afterEach, before, describe, test } from "node:test";

import { Plant } from "./fixtures/plant.mjs";
import { freePorts } from "./fixtures/ports.mjs";
import { plainHead, readAnswer } from "./fixtures/request.mjs";
import { Socket } from "./fixtures/socket.mjs";
import { until } from "./fixtures/wait.mjs";
import { handshake } from "./fixtures/websocket.mjs";

const PROXY = "127.0.0.2";
const CLIENT = "203.0.113.9";
const LONGEST = 511; // octets of all its fields, and of their commas
const SENDS = { host: "localhost", from: PROXY };

let plant, ports;

before(async () => {
  const [port, limited] = await freePorts(2);
  ports = { port, limited };
  const trusted_proxies = [PROXY, "10.0.0.0/8"];
  const listener = (changes) => ({
    address: "127.0.0.1",
    trusted_proxies,
    ...changes,
  });
  plant = await Plant.start({
    listeners: [
      listener({ port }),
      listener({ port: limited, connections_per_address: 1 }),
    ],
  });
  plant.port = port;
});
after(() => plant?.stop());
afterEach(() => plant.unaffected());

// The fields, in the order in which they are sent.
function fields(value) {
  return [value].flat().map((one) => `X-Forwarded-For: ${one}`);
}

// Whom the log has for a session of such a handshake.
async function fromOf(value) {
  const from = plant.gateway.lines.length;
  const browser = await plant.open({ ...SENDS, more: fields(value) });
  await browser.leave();
  const line = await plant.gateway.line(/^session \S+ opened /, { from });
  return / from=(\S+) /.exec(line)[1];
}

async function get(value, { port = ports.port, more = fields(value) } = {}) {
  const socket = await Socket.open({ port, from: PROXY });
  socket.write(plainHead({ port, more }));
  const { status } = await readAnswer(socket);
  await socket.untilEnded();
  return status;
}

// Whom it has for a request that is none; it does not tell of each one.
async function fromOfPlain(value) {
  const from = plant.gateway.lines.length;
  const line = await until(
    async () => {
      assert.equal(await get(value), 426);
      const lines = plant.gateway.lines.slice(from);
      return lines.find((one) => / reason=bad_version /.test(one));
    },
    { what: "a line about it" },
  );
  return / from=(\S+) /.exec(line)[1];
}

const padded = (length) => `${"x".repeat(length - CLIENT.length - 1)},${CLIENT}`;

describe("the client is the last that no trusted proxy has", () => {
  const rows = [
    ["an address", CLIENT, CLIENT],
    ["behind another proxy", `${CLIENT}, 10.0.0.7`, CLIENT],
    ["with forged ones before it", `127.0.0.2, ::1, ${CLIENT},10.0.0.7`, CLIENT],
    ["with garbage before it", `"<script>" ,,;, ${CLIENT}`, CLIENT],
    ["two fields", [CLIENT, "10.0.0.7"], CLIENT],
    ["two fields, the first one forged", ["10.0.0.7", CLIENT], CLIENT],
    ["many fields", [...Array(20).fill("192.0.2.1"), CLIENT, PROXY], CLIENT],
    ["all are trusted: the first", "10.0.0.9, 10.0.0.7", "10.0.0.9"],
    ["with a port", `${CLIENT}:50123`, CLIENT],
    ["IPv6", "2001:db8::9, 10.0.0.7", "2001:db8::9"],
    ["IPv6 with a port", "[2001:db8::9]:50123", "2001:db8::9"],
    ["with blanks", ` \t ${CLIENT} \t `, CLIENT],
    ["as long as may be", padded(LONGEST), CLIENT],
  ];
  for (const [name, value, from] of rows) {
    test(`${name}, of a session`, async () => {
      assert.equal(await fromOf(value), from);
    });
    test(`${name}, of a request that is none`, async () => {
      assert.equal(await fromOfPlain(value), from);
    });
  }

  test("however the field's name is written", async () => {
    const from = plant.gateway.lines.length;
    const more = [`x-forwarded-FOR: ${CLIENT}`];
    const browser = await plant.open({ ...SENDS, more });
    await browser.leave();
    const line = await plant.gateway.line(/^session \S+ opened /, { from });
    assert.match(line, / from=203\.0\.113\.9 /);
  });
});

describe("where no address stands there, it is the proxy", () => {
  const rows = [
    ["nothing", ""],
    ["a word", "unknown"],
    ["a hidden one", "_gateway"],
    ["an empty one at the end", `${CLIENT},`],
    ["an empty field at the end", [CLIENT, ""]],
    ["another mark between", `${CLIENT};${CLIENT}`],
    ["no address", "203.0.113.300"],
    ["a word behind a trusted one", `${CLIENT}, unknown, 10.0.0.7`],
    ["a network", "203.0.113.0/24"],
    ["a zone", "fe80::1%eth0"],
    ["octets beyond ASCII", "\xfc\xff"],
  ];
  const isProxy = /^127\.0\.0\.2:\d+$/;
  for (const [name, value] of rows) {
    test(`${name}, of a session`, async () => {
      assert.match(await fromOf(value), isProxy);
    });
    test(`${name}, of a request that is none`, async () => {
      assert.match(await fromOfPlain(value), isProxy);
    });
  }

  test("and has no limit by address", async () => {
    const options = { ...SENDS, port: ports.limited };
    const held = [];
    for (const value of ["", "unknown", `${CLIENT},`, "\xff"]) {
      const more = fields(value);
      held.push(await plant.arrive({ ...options, more }));
    }
    held.push(await plant.arrive(options));
    for (const one of held) one.destroy();
  });
});

describe("what cannot be read is refused", () => {
  const rows = [
    ["a field that is too long", padded(LONGEST + 1)],
    ["one that is far too long", padded(8 * LONGEST)],
    ["fields that are too long together", Array(50).fill("198.51.100.100")],
  ];
  for (const [name, value] of rows) {
    test(`${name}, of a handshake`, async () => {
      const more = fields(value);
      const { status, socket } = await handshake({ ...SENDS, port: plant.port, more });
      assert.equal(status, 400);
      await socket.untilEnded();
    });
    test(`${name}, of a request that is none`, async () => {
      assert.equal(await get(value), 400);
    });
  }

  test("a NUL ends nothing: nobody is taken for who stands before it", async () => {
    const more = fields(`${CLIENT}\0`);
    const from = plant.gateway.lines.length;
    const answer = await handshake({ ...SENDS, port: plant.port, more });
    answer.socket.destroy();
    const lines = plant.gateway.lines.slice(from);
    assert.ok(!lines.some((line) => line.includes(CLIENT)), lines.join("\n"));
  });
});

describe("limits by address", () => {
  const options = () => ({ ...SENDS, port: ports.limited });
  const arrive = (value) =>
    plant.arrive({ ...options(), more: fields(value) });

  async function status(value) {
    const more = fields(value);
    const { status, socket } = await handshake({ ...options(), more });
    socket.destroy();
    return status;
  }

  test("hold for the client, in whatever form it is told", async () => {
    const held = await arrive(CLIENT);
    for (const value of [CLIENT, `${CLIENT}:1, 10.0.0.7`, `::ffff:${CLIENT}`]) {
      assert.equal(await status(value), 429, value);
      assert.equal(await get(value, { port: ports.limited }), 429, value);
    }
    const other = await arrive("203.0.113.10");
    other.destroy();
    held.destroy();
    await until(async () => (await status(CLIENT)) === 101);
  });

  test("hold for a /64 of IPv6", async () => {
    const held = await arrive("2001:db8:0:1::9");
    assert.equal(await status("2001:db8:0:1:ffff::1"), 429);
    const other = await arrive("2001:db8:0:2::9");
    other.destroy();
    held.destroy();
  });

  test("have a place again after each request that is none", async () => {
    const value = "203.0.113.20";
    for (let i = 0; i < 20; i++) {
      const isFree = async () => {
        const status = await get(value, { port: ports.limited });
        assert.ok([426, 429].includes(status), `${status}`);
        return status === 426;
      };
      await until(isFree, { what: "a place" });
    }
  });
});

test("the field of somebody who is no trusted proxy is not looked at", async () => {
  for (const value of [CLIENT, "unknown", padded(8 * LONGEST), ""]) {
    const from = plant.gateway.lines.length;
    const more = fields(value);
    const browser = await plant.open({ more, from: "127.0.0.3" });
    await browser.leave();
    const line = await plant.gateway.line(/^session \S+ opened /, { from });
    assert.match(line, / from=127\.0\.0\.3:\d+ /);
  }
});
