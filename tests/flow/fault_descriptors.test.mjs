// SPDX-License-Identifier: Apache-2.0
// Fault F12: no descriptor is left. Who is there goes on, who comes waits
// or is told so, nothing spins, and all is well again when some are back.
// Runs alone: it measures processor time.
import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";

import { VERSION_NAMES } from "./fixtures/packets.mjs";
import { Plant } from "./fixtures/plant.mjs";
import { sharesDuring, throughout } from "./fixtures/processor.mjs";
import { Socket } from "./fixtures/socket.mjs";
import { until } from "./fixtures/wait.mjs";
import { handshake } from "./fixtures/websocket.mjs";

const LIMIT = 64;
const MEASURED_MS = 4000;
const LINES_PER_S = 1; // of one worker
const CONNECTS = 10; // every fifth of a second
const wrap = ["prlimit", `--nofile=${LIMIT}`];

describe("F12: at the limit of sessions", () => {
  const browsers = [];
  let plant;

  before(async () => {
    plant = await Plant.start({ wrap });
    await plant.unaffected();
  });
  after(() => plant?.stop());

  test("a handshake gets 503 with Retry-After", async () => {
    const isFull = () =>
      plant.open().then(
        (browser) => browsers.push(browser) > LIMIT,
        ({ message }) => /^handshake refused: HTTP.1.1 503/.test(message),
      );
    await until(isFull, { what: "the limit" });
    const answer = await handshake({ port: plant.port });
    assert.equal(answer.status, 503, answer.line);
    assert.match(answer.get("retry-after"), /^[1-9]\d*$/);
    await answer.socket.untilEnded();
    await plant.gateway.line(/^warning: handshake refused reason=descriptors /);
  });

  test("there are sessions to speak of", () => {
    assert.ok(browsers.length >= 8, `${browsers.length} of ${LIMIT}`);
  });

  test("existing sessions work", async () => {
    for (const browser of browsers) {
      await browser.subscribe("full");
      browser.publish("full", "works");
    }
    await plant.unaffected();
    for (const browser of browsers) await browser.message();
  });

  test("one session less is one more that may come", async () => {
    await browsers.pop().leave();
    const opens = () =>
      plant.open().then(
        (browser) => browsers.push(browser),
        () => false,
      );
    await until(opens, { deadline: 1000, what: "a session again" });
  });

  test("all that leave are replaced without an error", async () => {
    const count = browsers.length;
    await Promise.all(browsers.splice(0).map((one) => one.leave()));
    await plant.wire.until(() => plant.wire.live === 1);
    for (let i = 0; i < count; i++) browsers.push(await plant.open());
    for (const browser of browsers) browser.destroy();
  });
});

for (const workers of [1, 2]) {
  describe(`F12: no descriptor is left, ${workers} at work`, () => {
    const sockets = [];
    let plant, browser;

    before(async () => {
      plant = await Plant.start({ wrap, workers, release: true });
      browser = await plant.open();
      await browser.subscribe("here");
      for (let i = 0; i < LIMIT * workers * 2; i++) {
        sockets.push(await Socket.open({ port: plant.port }));
      }
      await plant.gateway.line(/^warning: accepting stands back/);
    });
    after(async () => {
      for (const socket of sockets) socket.destroy();
      browser?.destroy();
      await plant?.stop();
    });

    async function works() {
      browser.publish("here", "still");
      assert.equal((await browser.message()).payload.toString(), "still");
    }

    async function worksWhileOthersCome() {
      await works();
      for (let i = 0; i < CONNECTS; i++) {
        sockets.push(await Socket.open({ port: plant.port }));
      }
    }

    test("no worker is busy and the log is quiet", async () => {
      const from = plant.gateway.lines.length;
      const start = performance.now();
      const shares = await sharesDuring(plant.workers, () =>
        throughout(MEASURED_MS, worksWhileOthersCome, { every: 200 }),
      );
      assert.ok(Math.max(...shares) < 0.05, `${shares} of a processor`);
      const seconds = Math.ceil((performance.now() - start) / 1000) + 1;
      const said = plant.gateway.lines.slice(from);
      const most = seconds * LINES_PER_S * workers;
      assert.ok(said.length <= most, said.join("\n"));
    });

    test("the line in the log says which listener and why", async () => {
      const line = await plant.gateway.line(/^warning: accepting stands back/);
      assert.match(line, new RegExp(`listener=127\\.0\\.0\\.1:${plant.port} `));
      assert.match(line, /why="Too many open files"/);
    });

    test("who waits has an answer within a second when others go", async () => {
      const waiting = Array.from({ length: 4 }, () =>
        handshake({ port: plant.port }),
      );
      await works();
      const start = performance.now();
      for (const socket of sockets.splice(0)) socket.destroy();
      for (const answer of await Promise.all(waiting)) {
        assert.ok([101, 503].includes(answer.status), answer.line);
        answer.socket.destroy();
      }
      assert.ok(performance.now() - start < 1000);
    });

    test("who comes then gets a session", async () => {
      const opens = () => plant.open().catch(() => null);
      const one = await until(opens, { deadline: 1000, what: "a session" });
      await one.leave();
    });

    test("nothing is left of it", async () => {
      await works();
      for (let i = 0; i < 10; i++) await (await plant.open()).leave();
      assert.deepEqual(await plant.gateway.workers(), plant.workers);
    });
  });
}

test("F12: it ends when it is told to, with no descriptor left", async () => {
  const plant = await Plant.start({ wrap });
  const sockets = [];
  try {
    const browser = await plant.open();
    for (let i = 0; i < LIMIT * 2; i++) {
      sockets.push(await Socket.open({ port: plant.port }));
    }
    await plant.gateway.line(/^warning: accepting stands back/);
    plant.gateway.signal("SIGTERM");
    const { code } = await browser.expectClose();
    assert.equal(code, 1001);
    const exit = await plant.gateway.ended({ deadline: 2000 });
    assert.deepEqual(exit, { code: 0, signal: null });
  } finally {
    for (const socket of sockets) socket.destroy();
    await plant.stop();
  }
});

for (const level of [4, 5]) {
  describe(`F12: no descriptor is left for the upstream, ${VERSION_NAMES[level]}`, () => {
    const sockets = [];
    let plant, browser;

    before(async () => {
      plant = await Plant.start({ wrap });
      await plant.unaffected();
      browser = await plant.arrive({ level });
      for (let i = 0; i < LIMIT * 2; i++) {
        sockets.push(await Socket.open({ port: plant.port }));
      }
      await plant.gateway.line(/^warning: accepting stands back/);
    });
    after(async () => {
      for (const socket of sockets) socket.destroy();
      await plant?.stop();
    });

    test("who sends CONNECT hears that the broker cannot be reached", async () => {
      browser.connect();
      const { code } = await browser.expect("connack");
      assert.equal(code, level === 5 ? 0x88 : 3);
      const end = await browser.expectClose();
      assert.deepEqual([end.code, end.reason], [1013, "upstream_unreachable"]);
      await plant.unaffected();
    });

    test("the log says why", async () => {
      const why = /^warning: upstream not reached .*why="Too many open files"/;
      await plant.gateway.line(why);
    });

    test("all is well when some are back", async () => {
      for (const socket of sockets.splice(0)) socket.destroy();
      const opens = () => plant.open().catch(() => null);
      const one = await until(opens, { what: "a session" });
      await one.leave();
      await plant.unaffected();
    });
  });
}
