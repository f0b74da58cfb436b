// SPDX-License-Identifier: Apache-2.0
// The audit of a route: one line of the log for each PUBLISH, or for each
// that was refused, with who and what but never the payload.
import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";

import { mqttRoute } from "./fixtures/config.mjs";
import { LEVELS, VERSION_NAMES } from "./fixtures/packets.mjs";
import { Plant } from "./fixtures/plant.mjs";
import { ALLOWED } from "./fixtures/request.mjs";
import { until } from "./fixtures/wait.mjs";
import { Watched } from "./fixtures/watched.mjs";

const COUNT = 2000;
// The log drops what nobody reads: so many lines are no burden to a pipe.
const AT_ONCE = 50;
const MARK = "PAYLOAD-7d0c";
const FIELD = /(\w+)=("(?:[^"\\]|\\.)*"|\S*)(?: |$)/g;
const FIELDS = [
  "verdict",
  "session",
  "user",
  "from",
  "origin",
  "topic",
  "qos",
  "retain",
  "size",
];

const acls = [{ name: "open", rules: ["allow pub,retain open/#"] }];

function readLine(line) {
  const start = "audit publish ";
  assert.ok(line.startsWith(start), line);
  const rest = line.slice(start.length);
  const fields = [...rest.matchAll(FIELD)];
  const read = fields.map(([whole]) => whole).join("");
  assert.equal(read, rest, "the line is fields and nothing else");
  assert.deepEqual(
    fields.map(([, name]) => name),
    FIELDS,
  );
  return Object.fromEntries(
    fields.map(([, name, value]) => [
      name,
      value.startsWith('"') ? value.slice(1, -1) : value,
    ]),
  );
}

describe("an audit", () => {
  let plant;

  before(async () => {
    plant = await Plant.start({
      acls,
      routes: [
        mqttRoute({ path: "/all", acl: "open", audit: "publish" }),
        mqttRoute({ path: "/refused", acl: "open", audit: "refused" }),
        mqttRoute({ path: "/none", acl: "open", audit: "none" }),
        mqttRoute({ path: "/default", acl: "open" }),
        mqttRoute({ path: "/lawless", audit: "publish" }),
        mqttRoute({ path: "/reader", read_only: true, audit: "refused" }),
      ],
    });
  });
  after(() => plant?.stop());

  const audits = (from) =>
    plant.gateway.lines.slice(from).filter((line) => /^audit/.test(line));

  // A session with what its line at the start says of it.
  async function open(target, level = 4) {
    const from = plant.gateway.lines.length;
    const session = { username: "alice", password: "pw" };
    const watched = await Watched.open(plant, { level, target, session });
    const line = await plant.gateway.line(/^session \S+ opened /, { from });
    const [, id, peer] = /^session (\S+) .*from=(\S+)/.exec(line);
    return { watched, browser: watched.browser, from, id, peer };
  }

  // All lines of it are there when the last line of the session is.
  async function linesOf({ browser, from, id }) {
    browser.destroy();
    await plant.gateway.line(new RegExp(`^session ${id} closed`), { from });
    return audits(from);
  }

  // A quarter of them is refused, half of them are of QoS 1.
  const isRefused = (i) => i % 4 === 3;
  const topicOf = (i) => `${isRefused(i) ? "closed" : "open"}/${i}`;

  async function publishAll(target, { lines, level = 4 }) {
    const session = await open(target, level);
    for (let i = 0; i < COUNT;) {
      for (const stop = i + AT_ONCE; i < stop; i++) {
        const payload = MARK + "x".repeat(i % 100);
        const options = { qos: i % 2, id: i + 1, retain: i % 5 === 0 };
        session.browser.publish(topicOf(i), payload, options);
      }
      await session.watched.settle();
      const wanted = lines(i);
      await until(() => audits(session.from).length >= wanted, {
        what: `${wanted} lines`,
      });
    }
    const seen = (await linesOf(session)).map(readLine);
    assert.equal(seen.length, lines(COUNT));
    return { session, seen };
  }

  // What is to be read of message `i`.
  function expected(i, { id, peer }) {
    return {
      verdict: isRefused(i) ? "refused" : "accepted",
      session: id,
      user: "alice",
      from: peer,
      origin: ALLOWED,
      topic: topicOf(i),
      qos: String(i % 2),
      retain: String(i % 5 === 0),
      size: String(MARK.length + (i % 100)),
    };
  }

  const all = Array.from({ length: COUNT }, (_, i) => i);

  for (const level of LEVELS) {
    test(`${VERSION_NAMES[level]}: of each publish has ${COUNT} lines for ${COUNT} of them`, async () => {
      const lines = (count) => count;
      const { session, seen } = await publishAll("/all", { lines, level });
      assert.deepEqual(
        seen,
        all.map((i) => expected(i, session)),
      );
    });
  }

  test("of the refused has a line for those and no others", async () => {
    const lines = (count) => all.slice(0, count).filter(isRefused).length;
    const { session, seen } = await publishAll("/refused", { lines });
    assert.deepEqual(
      seen,
      all.filter(isRefused).map((i) => expected(i, session)),
    );
  });

  for (const target of ["/none", "/default"]) {
    test(`on ${target} has no lines`, async () => {
      const lines = () => 0;
      await publishAll(target, { lines });
    });
  }

  test("needs no ACL", async () => {
    const session = await open("/lawless");
    session.browser.publish("closed/1", MARK, { qos: 1, id: 1 });
    await session.watched.settle();
    const [line, ...more] = (await linesOf(session)).map(readLine);
    assert.deepEqual([line.verdict, line.topic], ["accepted", "closed/1"]);
    assert.deepEqual(more, []);
  });

  test("tells what a read-only route refuses", async () => {
    const session = await open("/reader");
    session.browser.publish("open/1", MARK, { qos: 2, id: 1 });
    await session.watched.settle();
    const [line, ...more] = (await linesOf(session)).map(readLine);
    assert.deepEqual([line.verdict, line.qos], ["refused", "2"]);
    assert.deepEqual(more, []);
  });

  test("tells the size of a payload, without the head", async () => {
    const session = await open("/all", 5);
    const sizes = [0, 1, 127, 128, 65536, 1024 * 1024];
    for (const size of sizes) {
      session.browser.publish("open/size", Buffer.alloc(size, MARK));
      session.browser.publish("closed/size", Buffer.alloc(size, MARK));
    }
    await session.watched.settle();
    const lines = (await linesOf(session)).map(readLine);
    assert.deepEqual(
      lines.map(({ verdict, size }) => [verdict, Number(size)]),
      sizes.flatMap((size) => [
        ["accepted", size],
        ["refused", size],
      ]),
    );
  });

  test("cannot be forged by a topic", async () => {
    const session = await open("/all");
    const topics = [
      'closed/" verdict=accepted topic="open/1',
      "closed/\\",
      'closed/\\" size=0',
      "closed/ audit publish verdict=accepted",
      "closed/caf\u00e9 \u202e\u2028",
      "closed/=",
      "closed/%s%n",
    ];
    for (const topic of topics) session.browser.publish(topic, MARK);
    await session.watched.settle();
    const lines = await linesOf(session);
    assert.equal(lines.length, topics.length);
    for (const line of lines) {
      assert.doesNotMatch(line, /[^\x20-\x7e]/);
      assert.equal(readLine(line).verdict, "refused");
    }
  });

  test("has told no payload and no password anywhere", () => {
    const { lines } = plant.gateway;
    assert.ok(lines.length > COUNT);
    assert.deepEqual(
      lines.filter((line) => line.includes(MARK) || /\bpw\b/.test(line)),
      [],
    );
  });
});
