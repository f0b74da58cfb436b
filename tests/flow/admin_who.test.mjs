// SPDX-License-Identifier: Apache-2.0
// A line of the broker's log leads to the page it is about, also when that
// has left: `postern who` with the port that stands there.
import assert from "node:assert/strict";
import { after, afterEach, before, describe, test } from "node:test";

import { Admin } from "./fixtures/admin.mjs";
import { Broker } from "./fixtures/broker.mjs";
import { Browser } from "./fixtures/browser.mjs";
import { configText, jsonRoute, mqttRoute, plant } from "./fixtures/config.mjs";
import { workerOf } from "./fixtures/crowd.mjs";
import { Gateway } from "./fixtures/gateway.mjs";
import { Operator } from "./fixtures/operator.mjs";
import { Page } from "./fixtures/page.mjs";
import { freePort } from "./fixtures/ports.mjs";
import { ALLOWED } from "./fixtures/request.mjs";
import { until } from "./fixtures/wait.mjs";

const FAILED = 1;

let admin, broker, strict, gateway, operator, port;
let clients = [];
let last = 0;

before(async () => {
  operator = await Operator.create();
  admin = new Admin(await freePort());
  broker = await Broker.start();
  strict = await Broker.start({ anonymous: false });
  port = await freePort();
  gateway = await Gateway.start({
    config: configText({
      port,
      workers: 2,
      upstreams: [
        plant(broker.port),
        plant(strict.port, { name: "strict" }),
      ],
      routes: [
        mqttRoute(),
        mqttRoute({ path: "/strict", upstream: "strict" }),
        jsonRoute(),
      ],
      admin: { ...admin.setting, ...operator.setting },
    }),
  });
});
after(async () => {
  await gateway?.stop();
  await broker?.stop();
  await strict?.stop();
  await operator?.remove();
});

afterEach(() => {
  for (const client of clients) client.destroy();
  clients = [];
});

async function open() {
  const clientId = `who-${++last}`;
  const browser = await Browser.open({ port, session: { clientId } });
  clients.push(browser);
  return { browser, clientId };
}

async function openPage() {
  const page = await Page.open({ port });
  clients.push(page);
  return page;
}

// When and from where, as the broker has it: "1795856708: New client ...".
const CONNECTED = /^(\d+:) New client connected from \S+:(\d+) as (\S+) /;

async function lineOf(clientId) {
  const pattern = new RegExp(` New client connected from \\S+ as ${clientId} `);
  const [, time, local] = CONNECTED.exec(await broker.line(pattern));
  return { time, local };
}

// The answer, once it has been `pattern`'s: what ends is written down when
// the worker hears of it.
async function told(pattern, ...words) {
  return until(
    async () => {
      const { out } = await operator.run("who", ...words);
      return pattern.test(out) ? out : null;
    },
    { what: `${pattern} of ${words.join(" ")}`, deadline: 15000 },
  );
}

const field = (out, name) => new RegExp(`^ +${name} +(.*)$`, "m").exec(out)[1];

describe("a session that is open", () => {
  test("is found by the port in the broker's log", async () => {
    const { browser, clientId } = await open();
    const { local } = await lineOf(clientId);
    const out = await operator.ask("who", local);
    assert.match(out, /^session w\d+-\d+\n/);
    assert.equal(field(out, "client_id"), clientId);
    assert.equal(field(out, "local"), `127.0.0.1:${local}`);
    assert.equal(field(out, "upstream"), `127.0.0.1:${broker.port}`);
    assert.equal(field(out, "origin"), ALLOWED);
    assert.equal(field(out, "route"), "/mqtt");
    assert.equal(field(out, "listener"), `127.0.0.1:${port}`);
    assert.equal(field(out, "until"), "is open");
    await browser.leave();
  });

  test("is found by its address, too, and by no other", async () => {
    const { clientId } = await open();
    const { local } = await lineOf(clientId);
    await operator.ask("who", `127.0.0.1:${local}`);
    const { code, err } = await operator.run("who", `127.0.0.2:${local}`);
    assert.equal(code, FAILED);
    assert.match(err, /^no session had port \d+ of 127\.0\.0\.2 /);
  });

  test("is found by its name in the gateway's log", async () => {
    const { clientId } = await open();
    const opened = new RegExp(`^session (\\S+) opened .*client_id=${clientId} `);
    const [, id] = opened.exec(await gateway.line(opened));
    const out = await operator.ask("who", id);
    assert.equal(field(out, "client_id"), clientId);
  });

  test("is found whichever worker has it", async () => {
    const workers = new Set();
    while (workers.size < 2 && last < 200) {
      const { clientId } = await open();
      workers.add(await workerOf(gateway, clientId));
      const { local } = await lineOf(clientId);
      const out = await operator.ask("who", local);
      assert.equal(field(out, "client_id"), clientId);
    }
    assert.equal(workers.size, 2);
  });

  test("is an object for programs", async () => {
    const { clientId } = await open();
    const { local } = await lineOf(clientId);
    const { found } = await operator.json("who", local);
    assert.equal(found.length, 1);
    assert.equal(found[0].client_id, clientId);
    assert.equal(found[0].until_ms, null);
    assert.equal(found[0].user, null);
  });
});

describe("a session that has ended", () => {
  test("is told with its end and the reason", async () => {
    const { browser, clientId } = await open();
    const { local } = await lineOf(clientId);
    await browser.leave();
    const out = await told(/^ +reason +browser_closed$/m, local);
    assert.equal(field(out, "client_id"), clientId);
    assert.match(field(out, "until"), /^\d{4}-\d\d-\d\dT.* \(\d+\)$/);
  });

  test("is told to have vanished if it did", async () => {
    const { browser, clientId } = await open();
    const { local } = await lineOf(clientId);
    browser.destroy();
    await told(/^ +reason +browser_vanished$/m, local);
  });

  test("is found at its time, as the broker logs it", async () => {
    const { browser, clientId } = await open();
    const { time, local } = await lineOf(clientId);
    await browser.leave();
    await told(/^ +reason +browser_closed$/m, local, "--at", time);
    const before = String(Number.parseInt(time, 10) - 60);
    const { code, err } = await operator.run("who", local, "--at", before);
    assert.equal(code, FAILED);
    assert.match(err, /^no session had port \d+ at the broker at /);
  });

  test("is told when its worker died", async () => {
    const { clientId } = await open();
    const { local } = await lineOf(clientId);
    for (const pid of await gateway.workers()) process.kill(pid, "SIGKILL");
    const out = await told(/^ +reason +its worker died$/m, local);
    assert.equal(field(out, "client_id"), clientId);
    await admin.isReady(200, { deadline: 15000 });
  });

  test("that the broker refused is there, too", async () => {
    const clientId = `refused-${++last}`;
    const from = strict.lines.length;
    const browser = await Browser.arrive({ port, target: "/strict" });
    clients.push(browser);
    browser.connect({ clientId });
    const answer = await browser.expect("connack");
    assert.notEqual(answer.code, 0);
    // Its log has no client id with the port, and the probe's ports as well.
    const opened = / New connection from 127\.0\.0\.1:(\d+) on port/;
    const ports = () =>
      strict.lines
        .slice(from)
        .map((line) => opened.exec(line)?.[1])
        .filter(Boolean);
    const out = await until(
      async () => {
        for (const local of ports()) {
          const { out: text } = await operator.run("who", local);
          if (text.includes(clientId) && !text.includes("is open")) return text;
        }
        return null;
      },
      { what: "its end", deadline: 15000 },
    );
    assert.equal(field(out, "reason"), "not_authorised");
    assert.equal(field(out, "route"), "/strict");
  });
});

describe("a page that outlives its connection", () => {
  test("is found by the earlier and by the later one", async () => {
    const page = await openPage();
    const { client_id: clientId } = await page.connected();
    const first = await lineOf(clientId);
    await broker.restart();
    const second = await (async () => {
      await broker.line(new RegExp(` as ${clientId} `), { deadline: 15000 });
      return lineOf(clientId);
    })();
    const earlier = await told(/upstream_closed/, first.local);
    assert.equal(field(earlier, "client_id"), clientId);
    const later = await operator.ask("who", second.local);
    assert.equal(field(later, "until"), "is open");
    const [id] = /w\d+-\d+/.exec(later);
    const { found } = await operator.json("who", id);
    assert.deepEqual(
      found.map(({ local }) => local),
      [second.local, first.local].map((local) => `127.0.0.1:${local}`),
    );
  });
});

describe("the gateway's own look at the broker", () => {
  test("is told as that", async () => {
    const probe = / connected from \S+:(\d+) as postern-probe-/;
    const [, local] = probe.exec(
      await broker.line(probe, { deadline: 15000 }),
    );
    const out = await operator.ask("who", local);
    assert.match(out, /^the gateway's own look at the broker\n/);
    assert.match(field(out, "client_id"), /^postern-probe-/);
  });
});

describe("nobody", () => {
  test("is told for a port that nobody had", async () => {
    const { code, out, err } = await operator.run("who", "1");
    assert.deepEqual([code, out], [FAILED, ""]);
    assert.match(err, /^no session had port 1 at the broker\. Known are /);
  });
});
