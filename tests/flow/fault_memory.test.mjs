// SPDX-License-Identifier: Apache-2.0
// Fault F13: memory comes near its bound. Nobody else is let in, then the
// longest queues go; who has none is not touched, and all is well again when
// some memory is back.
// Runs alone: it measures memory.
import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";

import { Admin } from "./fixtures/admin.mjs";
import { postern } from "./fixtures/command.mjs";
import { configText, jsonRoutes } from "./fixtures/config.mjs";
import { Folder } from "./fixtures/folder.mjs";
import { Plant } from "./fixtures/plant.mjs";
import { freePort } from "./fixtures/ports.mjs";
import { until } from "./fixtures/wait.mjs";
import { frame, handshake, TEXT } from "./fixtures/websocket.mjs";

const MIB = 1024 * 1024;
const BOUND = 40 * MIB;
const LIMITS = { packet_bytes: 8 * MIB, queue_bytes: 4 * MIB };
const PIECE = Buffer.alloc(MIB / 2, "x");
const FEW = 4; // pages at a time, while the goal is far
const REFUSE = 0.88; // clearly more than the bound of 85 %
const CUT = 0.95;
const LOOK_MS = 250; // from one look of a worker to the next
const LINES_PER_S = 2; // of one worker: what it is, and what it does

// A gateway of `workers` workers that has a bound, and is watched.
class Tight {
  #begun = new Set(); // pages with a message under way

  static async start({ workers, bound }) {
    const tight = new Tight();
    tight.bound = bound;
    tight.admin = new Admin(await freePort());
    tight.plant = await Plant.start({
      release: true, // a sanitizer has memory of its own
      workers,
      memory_bytes: tight.bound,
      admin: tight.admin.setting,
      routes: jsonRoutes({ limits: LIMITS }),
    });
    await tight.plant.unaffected();
    return tight;
  }

  async share() {
    const metrics = await this.admin.metrics();
    return metrics.value("postern_memory_bytes") / this.bound;
  }

  page() {
    return this.plant.page({ target: "/json5" });
  }

  async pages(count) {
    const pages = [];
    for (let i = 0; i < count; i++) pages.push(await this.page());
    return pages;
  }

  // Half a megabyte more, for each page, of a message that never ends: is
  // received, and told.
  async grow(...pages) {
    const before = await this.#received();
    for (const page of pages) {
      const opcode = this.#begun.has(page) ? 0 : TEXT;
      this.#begun.add(page);
      page.websocket.write(frame(PIECE, { opcode, fin: false }));
    }
    const isHere = async () =>
      pages.some((page) => page.ended) ||
      (await this.#received()) >= before + pages.length * PIECE.length;
    await until(isHere, { deadline: 10000, what: "half a megabyte" });
    return this.told();
  }

  // Goes on with that, in turn, up to a share that stays.
  async fill(pages, upTo) {
    let share = await this.told();
    for (let next = 0; share < upTo; ) {
      const few = Array.from(
        { length: share < upTo - 0.2 ? FEW : 1 },
        () => pages[next++ % pages.length],
      );
      share = await this.grow(...few);
      if (share >= upTo) share = await this.#settled();
    }
    return share;
  }

  // The share, once all workers have given back what is free.
  async #settled() {
    let last = performance.now();
    let share = await this.share();
    const isSteady = async () => {
      const now = await this.share();
      if (Math.abs(now - share) > 0.002) last = performance.now();
      share = now;
      return performance.now() - last > 3 * LOOK_MS;
    };
    await until(isSteady, { deadline: 10000, what: "a steady share" });
    return share;
  }

  // The share, once the workers have told what they have.
  async told() {
    const isTold = async () => {
      const difference =
        (await this.share()) - (await this.plant.gateway.memory()) / this.bound;
      return Math.abs(difference) < 0.01;
    };
    await until(isTold, { deadline: 10000, what: "the figure of now" });
    return this.share();
  }

  async #received() {
    const metrics = await this.admin.metrics();
    return metrics.value('postern_bytes_total{from="browser"}');
  }

  // The answer to one, which is then left.
  async handshake() {
    const answer = await handshake({ port: this.plant.port });
    answer.socket.destroy();
    return answer;
  }

  // Handshakes, one after the other, so many that no worker has none, are
  // answered so.
  areAnswered(status) {
    const areSo = async () => {
      for (let i = 0; i < 8 * this.plant.workers.length; i++) {
        if ((await this.handshake()).status !== status) return false;
      }
      return true;
    };
    return until(areSo, { deadline: 10000, what: `${status} only` });
  }
}

for (const workers of [1, 2]) {
  describe(`F13: ${workers} at work, memory comes near its bound`, () => {
    let tight, pages, share;

    before(async () => {
      tight = await Tight.start({ workers, bound: BOUND });
      pages = await tight.pages(24);
      share = await tight.fill(pages, REFUSE);
    });
    after(() => tight?.plant.stop());

    test("it has not passed the bound where queues are cut", () => {
      assert.ok(share < CUT, `${share} of the bound`);
      assert.ok(!pages.some((page) => page.ended), "nobody was cut");
    });

    test("every worker refuses new sessions, with Retry-After", async () => {
      await tight.areAnswered(503);
      const answer = await tight.handshake();
      assert.equal(answer.status, 503, answer.line);
      assert.match(answer.get("retry-after"), /^[1-9]\d*$/);
      await tight.plant.unaffected();
    });

    test("the log says so with figures, and not all the time", async () => {
      const { gateway } = tight.plant;
      const line = await gateway.line(/^warning: memory is short: new /);
      const figures = `own=\\d+ all=\\d+ memory_bytes=${tight.bound} `;
      assert.match(line, new RegExp(figures));
      await gateway.line(/^warning: handshake refused reason=memory /);
      const from = gateway.lines.length;
      const start = performance.now();
      for (let i = 0; i < 50; i++) await tight.handshake();
      const seconds = Math.ceil((performance.now() - start) / 1000) + 1;
      const isOfIt = (line) => !line.startsWith("session "); // let in before
      const said = gateway.lines.slice(from).filter(isOfIt);
      assert.ok(said.length <= seconds * LINES_PER_S * workers, said.join("\n"));
      const metrics = await tight.admin.metrics();
      const refused = 'postern_handshake_refused_total{reason="memory"}';
      assert.ok(metrics.value(refused) >= 50);
    });

    test("service resumes by itself when pages have left", async () => {
      for (const page of pages) page.destroy();
      await tight.areAnswered(101);
      await tight.plant.gateway.line(/^warning: memory is back/);
      const page = await tight.page();
      await page.leave();
      await tight.plant.unaffected();
    });
  });
}

describe("F13: memory passes the bound where queues are cut", () => {
  let tight, small, large;

  before(async () => {
    tight = await Tight.start({ workers: 1, bound: BOUND });
    small = await tight.pages(16);
    large = await tight.page();
  });
  after(() => tight?.plant.stop());

  const isClosed = /^session \S+ closed reason=slow_reader /;
  const closed = () =>
    tight.plant.gateway.lines.filter((line) => isClosed.test(line));

  test("the longest goes first", async () => {
    for (let i = 0; i < 6; i++) await tight.grow(large);
    await tight.fill(small, REFUSE);
    for (let i = 0; i < 2 * small.length && !large.ended; i++) {
      await tight.grow(small[i % small.length]);
    }
    const { code, reason } = await large.expectClose({ deadline: 10000 });
    assert.deepEqual([code, reason], [1008, "slow_reader"]);
    assert.ok(small.filter((page) => page.ended).length < 2);
  });

  test("the log and the counter know how many", async () => {
    const { gateway } = tight.plant;
    await gateway.line(/^warning: memory is short: queues are cut .*sessions=/);
    const metrics = await tight.admin.metrics();
    const count = 'postern_sessions_closed_total{reason="slow_reader"}';
    assert.equal(metrics.value(count), closed().length);
  });

  test("it stays below the bound, whatever pages send", async () => {
    for (let round = 0; round < 2; round++) {
      for (const page of small.filter((one) => !one.ended)) {
        const share = await tight.grow(page);
        assert.ok(share < 1, `${share} of the bound`);
      }
      await tight.plant.unaffected();
    }
    assert.ok(closed().length > 1, "more were cut");
  });

  test("then there is room again", async () => {
    for (const page of small) page.destroy();
    await tight.areAnswered(101);
    await tight.plant.unaffected();
  });

  test("a page that does not read is cut as well", async () => {
    const slow = await tight.pages(14); // whose queues are over the bound
    const speaker = await tight.page();
    for (const page of slow) {
      await page.subscribe("much", { qos: 0 });
      page.pause();
    }
    const before = closed().length;
    const payload = "x".repeat(MIB / 4);
    for (let i = 0; i < 40 && closed().length === before; i++) {
      await speaker.publish("much", payload, { qos: 1 });
    }
    await until(() => closed().length > before, { what: "a cut" });
    await speaker.settle();
    for (const page of slow) page.destroy();
    await tight.areAnswered(101);
    await tight.plant.unaffected();
  });
});

describe("F13: a bound that is no use", () => {
  let folder;

  before(async () => (folder = await Folder.create()));
  after(() => folder?.remove());

  async function check(settings) {
    const text = configText({ port: 1, brokerPort: 1, ...settings });
    const file = await folder.write("asked.conf", text);
    return postern(["check", "-c", file]);
  }

  test("is refused with the least that makes sense", async () => {
    const said = await check({ workers: 2, memory_bytes: 20 * MIB });
    assert.equal(said.code, 78);
    const least = 32 * MIB;
    assert.match(said.err, new RegExp(`asked.conf:\\d+: .*wants ${least} at`));
    const good = await check({ workers: 2, memory_bytes: least });
    assert.equal(good.code, 0, good.err);
  });

  test("a gateway with the least has room for sessions", async () => {
    const plant = await Plant.start({
      release: true,
      workers: 2,
      memory_bytes: 32 * MIB,
      routes: jsonRoutes(),
    });
    const all = [];
    for (let i = 0; i < 20; i++) all.push(await plant.open());
    for (let i = 0; i < 20; i++) {
      all.push(await plant.page({ target: "/json5" }));
    }
    for (const one of all) await one.leave();
    await plant.stop();
  });
});
