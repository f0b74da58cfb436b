// SPDX-License-Identifier: Apache-2.0
// config/examples/two-gateways: HAProxy, two gateways, one broker. A gateway
// dies, comes back, and is drained, while clients talk.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";

import { Broker } from "../flow/fixtures/broker.mjs";
import { freePort } from "../flow/fixtures/ports.mjs";
import { until } from "../flow/fixtures/wait.mjs";
import { knock } from "./fixtures/door.mjs";
import { Program } from "./fixtures/program.mjs";
import { DASH, HOST, Recipe, VISITOR } from "./fixtures/recipe.mjs";
import { Talk } from "./fixtures/talk.mjs";

const ONE = "127.0.0.11";
const TWO = "127.0.0.12";
// Of the talks: an odd number, so that the two of a talk are shared out, too.
const LEVELS = [4, 5, 4];
const MANY = 30; // messages of each
const BACK_MS = 60000;

let recipe, url, changes, one, two;
let talks = [];

before(async () => {
  recipe = await Recipe.create("two-gateways");
  const broker = recipe.keep(await Broker.start());
  const port = await freePort();
  const inside = await freePort(ONE);
  const admin = await freePort(TWO);
  url = `wss://${HOST}:${port}/mqtt`;
  changes = (address) => [
    ...recipe.certificate,
    [`https://${HOST}`, `https://${HOST}:${port}`],
    ["0.0.0.0", address],
    ["8084", `${inside}`],
    ["9464", `${admin}`],
    ["10.0.0.10/32", "127.0.0.1/32"],
    ["10.0.0.20:1883", `127.0.0.1:${broker.port}`],
  ];
  one = await recipe.open(changes(ONE));
  two = await recipe.open(changes(TWO));
  for (const address of [ONE, TWO]) await isReady(`${address}:${admin}`);
  const proxy = await recipe.text("haproxy.cfg", [
    ["bind :443", `bind 127.0.0.1:${port}`],
    ["10.0.0.11:8084", `${ONE}:${inside}`],
    ["10.0.0.12:8084", `${TWO}:${inside}`],
    ["port 9464", `port ${admin}`],
    ["/dev/log", "127.0.0.1:9"], // nobody reads it
  ]);
  recipe.keep(await Program.haproxy(recipe.folder, proxy, port));
});
after(async () => {
  try {
    for (const talk of talks) await talk.stop();
    await one?.stop();
    await two?.stop();
  } finally {
    await recipe?.stop();
  }
});

// HAProxy thinks so from its first check on.
function isReady(address) {
  const isGood = () =>
    fetch(`http://${address}/readyz`).then(
      ({ ok }) => ok,
      () => false,
    );
  return until(isGood, { deadline: BACK_MS, what: `${address} is ready` });
}

// Sessions that a gateway has now, by its log.
function sessions({ lines }) {
  const count = (word) =>
    lines.filter((x) => new RegExp(`^session \\S+ ${word} `).test(x)).length;
  return count("opened") - count("closed");
}

const all = (task) => Promise.all(talks.map(task));

test("postern check says only that others reach the port for checks", async () => {
  const warnings = await recipe.check(recipe.certificate);
  assert.match(warnings, /^[^\n]*"0\.0\.0\.0:9464" can be reached from other/);
  assert.equal(warnings.trimEnd().split("\n").length, 1, warnings);
});

test("clients are shared out, and each gateway knows their addresses", async () => {
  const start = (level, i) => Talk.start(recipe, url, `machine${i}`, level);
  talks = await Promise.all(LEVELS.map(start));
  await all((talk) => talk.more(MANY));
  assert.equal(sessions(one) + sessions(two), 2 * talks.length);
  for (const gateway of [one, two]) {
    const line = await gateway.line(/^session \S+ opened /);
    assert.match(line, new RegExp(` from=${VISITOR}:\\d+ origin=${DASH} `));
  }
});

test("one gateway dies: its clients go on at the other", async () => {
  await one.kill(await one.workers());
  one = null;
  await all((talk) => talk.more(MANY));
  const hasAll = () => sessions(two) === 2 * talks.length;
  await until(hasAll, { deadline: BACK_MS, what: "all are at the other" });
});

test("nothing that was acknowledged is lost", async () => {
  await all((talk) => talk.more(MANY));
  for (const talk of talks) assert.ok((await talk.end()) >= 3 * MANY);
});

test("it returns, and gets clients again", async () => {
  one = await recipe.open(changes(ONE));
  const isUsed = async () => {
    const client = await recipe.client(url);
    await client.end();
    return one.lines.some((line) => /^session \S+ opened /.test(line));
  };
  await until(isUsed, { deadline: BACK_MS, what: "a client at the first" });
});

test("a gateway that drains hands its clients over, nothing is lost", async () => {
  const start = (level, i) => Talk.start(recipe, url, `again${i}`, level);
  talks = await Promise.all(LEVELS.map(start));
  await all((talk) => talk.more(MANY));
  assert.ok(sessions(two) > 0);
  await two.stop({ deadline: BACK_MS });
  two = null;
  await all((talk) => talk.more(MANY));
  await all((talk) => talk.end());
});

test("pages of other sites stay out", async () => {
  const origin = "https://foreign.example.net";
  assert.equal(await knock(recipe, url, { origin }), 403);
});
