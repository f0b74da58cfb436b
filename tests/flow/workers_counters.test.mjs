// SPDX-License-Identifier: Apache-2.0
// Workers are killed one after the other while sessions come, publish and go:
// no counter ever falls, and in the end they say what the clients have seen.
import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";

import { Admin, readMetrics } from "./fixtures/admin.mjs";
import { jsonRoute, mqttRoute } from "./fixtures/config.mjs";
import { Plant } from "./fixtures/plant.mjs";
import { freePort } from "./fixtures/ports.mjs";
import { until } from "./fixtures/wait.mjs";

const WORKERS = 3;
const KILLS = 9; // each worker and its successors
const LANES = 4; // of browsers, and one of pages
const SIZE = 1000;
const BACK_MS = 20000;
const RESTARTS = "postern_worker_restarts_total";
const COUNT = "postern_upstream_connect_seconds_count";
const REACHED = 'postern_upstream_connects_total{result="reached"}';
const BYTES = 'postern_bytes_total{from="browser"}';
const PACKETS = 'postern_packets_total{from="browser"}';
const OPENED = "postern_sessions_opened_total";
const CLOSED = "postern_sessions_closed_total";
const payload = Buffer.alloc(SIZE, "p");

describe(`${KILLS} workers are killed under load`, () => {
  const clients = { tried: 0, opened: 0, bytes: 0, packets: 0, cut: 0 };
  const fallen = [];
  let plant, admin, looks = 0, most = new Map(), last;

  before(async () => {
    admin = new Admin(await freePort());
    plant = await Plant.start({
      workers: WORKERS,
      admin: admin.setting,
      routes: [mqttRoute(), jsonRoute()],
    });
    let isOver = false;
    const run = async (live) => {
      while (!isOver) await live();
    };
    const all = Array.from({ length: LANES }, () => run(() => live(browse)));
    all.push(run(() => live(page)), run(look));
    try {
      for (let i = 0; i < KILLS; i++) await kill(i);
    } finally {
      isOver = true;
      await Promise.all(all);
    }
    await admin.is("postern_sessions", (sum) => sum === 0, { deadline: BACK_MS });
    last = await admin.metrics();
  });
  after(() => plant?.stop());

  // One that is there and has served; then until there is another one.
  async function kill(i) {
    const tried = clients.tried + LANES * 3;
    await until(() => clients.tried > tried, { deadline: BACK_MS });
    const workers = await plant.gateway.workers();
    process.kill(workers[i % workers.length], "SIGKILL");
    const isBack = async () => {
      const now = await scrape();
      return (
        now?.value(RESTARTS) === i + 1 &&
        now.value("postern_workers_accepting") === WORKERS
      );
    };
    await until(isBack, { deadline: BACK_MS, what: `restart ${i + 1}` });
  }

  // A session from its first to its last byte, whatever happens to it.
  async function live(play) {
    clients.tried++;
    try {
      await play();
    } catch {
      clients.cut++;
    }
  }

  async function browse() {
    const browser = await plant.open();
    clients.opened++;
    try {
      for (let id = 1; id <= 3; id++) {
        browser.publish("load", payload, { qos: 1, id });
        await browser.expect("puback");
        clients.bytes += SIZE;
        clients.packets++;
      }
      await browser.leave();
    } finally {
      browser.destroy();
    }
  }

  async function page() {
    const one = await plant.page();
    clients.opened++;
    try {
      await one.publish("load", "p".repeat(SIZE), { qos: 1 });
      clients.bytes += SIZE;
      clients.packets++;
      await one.leave();
    } finally {
      one.destroy();
    }
  }

  // null where the worker that was to answer is dead.
  async function scrape() {
    const answer = await admin.get("/metrics").catch(() => null);
    const isWhole =
      answer?.status === 200 &&
      answer.body.length === Number(answer.get("content-length"));
    return isWhole ? readMetrics(answer.body) : null;
  }

  async function look() {
    const metrics = await scrape();
    if (!metrics) return;
    looks++;
    const now = new Map(metrics.counters);
    for (const [sample, value] of most) {
      if (!(now.get(sample) >= value)) {
        fallen.push(`${sample}: ${value}, then ${now.get(sample)}`);
      }
    }
    most = now;
  }

  // One of the dead may not have got round to count what it did.
  function isAbout(value, wanted) {
    const isGood = value <= wanted && value >= wanted - KILLS;
    assert.ok(isGood, `${value}, and it should be ${wanted}`);
  }

  test("no counter has ever fallen, nor gone", (t) => {
    t.diagnostic(`${looks} looks at ${most.size} samples`);
    assert.ok(looks > KILLS * 3, `${looks} looks`);
    assert.ok(most.has(`${COUNT.replace("_count", "_bucket")}{le="0.01"}`));
    assert.deepEqual(fallen, []);
  });

  test("each death is counted", () => {
    assert.equal(last.value(RESTARTS), KILLS);
    assert.equal(last.value("postern_workers"), WORKERS);
  });

  test("all connections that clients have made are counted", (t) => {
    t.diagnostic(`${clients.tried} connections, ${clients.cut} cut off`);
    isAbout(last.value("postern_connections_total"), clients.tried);
  });

  test("all sessions that clients saw open are counted", () => {
    const opened = last.sum(OPENED);
    assert.ok(opened >= clients.opened, `${opened} of ${clients.opened}`);
    assert.ok(opened <= clients.opened + clients.cut);
    const lost = opened - last.sum(CLOSED);
    // Each lane may have left one that the dead had not closed yet.
    const most = clients.cut + KILLS * (LANES + 1);
    assert.ok(lost >= -clients.cut && lost <= most, `${lost} lost`);
  });

  test("all that was acknowledged is counted", () => {
    assert.ok(last.value(BYTES) >= clients.bytes);
    assert.ok(last.value(PACKETS) >= clients.packets + clients.opened);
  });

  test("the histogram has all that were reached", () => {
    isAbout(last.value(COUNT), last.value(REACHED));
    assert.ok(last.value(REACHED) >= last.sum(OPENED));
  });
});
