// SPDX-License-Identifier: Apache-2.0
// Many reloads under load: no connect is lost, no session whose route stays
// the same, no message that was acknowledged, and no memory.
// Runs alone: it measures memory.
import assert from "node:assert/strict";
import { readdir } from "node:fs/promises";
import { after, before, describe, test } from "node:test";

import { memoryOf } from "./fixtures/accounts.mjs";
import { makeCertificate } from "./fixtures/certificate.mjs";
import { Client } from "./fixtures/client.mjs";
import { jsonRoute, mqttRoute } from "./fixtures/config.mjs";
import { Folder } from "./fixtures/folder.mjs";
import { Guest } from "./fixtures/guest.mjs";
import { Knocker } from "./fixtures/knocker.mjs";
import { Ledger } from "./fixtures/ledger.mjs";
import { LEVELS } from "./fixtures/packets.mjs";
import { Plant } from "./fixtures/plant.mjs";
import { freePorts } from "./fixtures/ports.mjs";
import { zombiesOf } from "./fixtures/process.mjs";
import { Returner } from "./fixtures/returner.mjs";
import { until } from "./fixtures/wait.mjs";

const WORKERS = 2;
const HELD = 2; // of each kind
const PAUSE_MS = 50; // between two messages
const SOON_MS = 20000; // on any machine
const WARM = 10; // reloads before the first look at memory
const SLACK = 1.15; // of memory, for pages of the allocator's
const PLAINLY = 1024 * 1024; // octets that are no growth either

for (const { release, reloads, spread_s } of [
  { release: false, reloads: 5, spread_s: 1 },
  { release: true, reloads: 50, spread_s: 0 },
]) {
  describe(`${reloads} reloads, ends spread over ${spread_s} s`, () => {
    const held = [];
    const returners = [];
    const up = new Ledger(); // from held sessions to the device
    const down = new Ledger(); // and back
    let folder, plant, device, knocker, bad;
    let isOver = false;
    const loops = [];
    let first; // workers, where the held sessions are
    let fresh; // descriptors of the first workers, before anybody came
    let early, late;

    before(async () => {
      folder = await Folder.create();
      await start();
      await fill();
      for (let i = 1; i <= reloads; i++) {
        await plant.reload({ routes: routes(i) });
        const back = { deadline: spread_s * 1000 + SOON_MS };
        await Promise.all(returners.map((one) => one.isBack(i, back)));
        await knocker.goesOn(1);
        if (i === WARM) early = await look();
      }
      late = await look();
      bad = await knocker.stop();
      isOver = true;
      await Promise.all(loops);
      for (const one of returners) await one.stop();
    });
    after(async () => {
      isOver = true;
      await knocker?.stop();
      for (const one of returners) one.mqtt.end(true);
      for (const { client, page } of held) {
        client?.mqtt.end(true);
        page?.destroy();
      }
      await device?.end();
      await plant?.stop();
      await folder?.remove();
    });

    const routes = (number) => [
      mqttRoute(),
      jsonRoute(),
      mqttRoute({ path: "/busy", ping_s: 30 + number }),
    ];

    async function start() {
      const { certificate, key, ca } = await makeCertificate(folder);
      const [port, secured] = await freePorts(2);
      const address = "127.0.0.1";
      const path = folder.at("load.sock");
      plant = await Plant.start({
        release,
        workers: WORKERS,
        broker: { settings: ["max_inflight_messages 0"] },
        listeners: [
          { address, port },
          { address, port: secured, tls: { certificate, key } },
          { unix: path },
        ],
        routes: routes(0),
        drain: { timeout_s: 10, spread_s },
      });
      plant.port = port;
      first = plant.workers;
      fresh = await plant.gateway.descriptors();
      device = await Client.open(plant.brokerUrl);
      device.mqtt.on("message", (topic, payload) => {
        const message = `${topic} ${payload}`;
        if (topic.startsWith("busy")) busyLedger(topic).deliver(message);
        else up.deliver(message);
      });
      await device.subscribe("up/#", 1);
      await device.subscribe("busy/#", 1);
      knocker = new Knocker([
        { port },
        { port: secured, secure: { ca } },
        { path, host: "localhost" },
      ]);
    }

    const busyLedger = (topic) => returners[topic.split("/")[1]].ledger;

    async function fill() {
      for (let i = 0; i < HELD; i++) {
        const level = LEVELS[i % LEVELS.length];
        const client = await Client.open(plant.url, { level, keepalive: 0 });
        await client.subscribe(`down/c${i}`, 1);
        client.mqtt.on("message", (topic, payload) =>
          down.deliver(`${topic} ${payload}`),
        );
        hold({
          client,
          name: `c${i}`,
          publish: (topic, payload) => client.publish(topic, payload, { qos: 1 }),
        });
        const page = await plant.page();
        await page.subscribe(`down/p${i}`, { qos: 1 });
        page.divert("message", ({ topic, payload }) =>
          down.deliver(`${topic} ${payload}`),
        );
        const acked = { deadline: SOON_MS };
        hold({
          page,
          name: `p${i}`,
          publish: (topic, payload) =>
            page.publish(topic, payload, { qos: 1 }, acked),
        });
      }
      for (let i = 0; i < LEVELS.length; i++) {
        const url = plant.url.replace("/mqtt", "/busy");
        const level = LEVELS[i];
        const topic = `busy/${i}`;
        returners.push(await Returner.open(url, { level, topic }));
      }
    }

    // Both ways, one message after the other.
    function hold(one) {
      held.push(one);
      const fromDevice = (topic, payload) =>
        device.publish(topic, payload, { qos: 1 });
      loops.push(flow(up, `up/${one.name}`, one.publish));
      loops.push(flow(down, `down/${one.name}`, fromDevice));
    }

    async function flow(ledger, topic, publish) {
      for (let i = 0; !isOver; i++) {
        const message = `${topic} ${i}`;
        ledger.send(message);
        await publish(topic, String(i));
        ledger.acknowledge(message);
        await new Promise((resolve) => setTimeout(resolve, PAUSE_MS));
      }
    }

    // Once the workers in between have ended: what the rest have.
    async function look() {
      await settled();
      const { pid } = plant.gateway;
      const now = await plant.gateway.workers();
      const current = now.filter((one) => !first.includes(one));
      const memories = await Promise.all(current.map(memoryOf));
      return {
        descriptors: (await readdir(`/proc/${pid}/fd`)).length,
        master: (await memoryOf(pid)).resident,
        worker: Math.max(...memories.map((one) => one.resident)),
      };
    }

    // The first generation and the last.
    async function settled() {
      const isSo = async () => {
        const now = await plant.gateway.workers();
        return now.length <= 2 * WORKERS;
      };
      await until(isSo, { deadline: SOON_MS, what: "old workers end" });
    }

    test("no connect is refused, reset or answered otherwise", () => {
      assert.deepEqual(bad, []);
      for (const count of knocker.counts) assert.ok(count >= reloads);
    });

    test("no held session ends", async () => {
      for (const { client, page } of held) {
        if (client) assert.ok(client.mqtt.connected);
        else assert.equal(page.ended, false);
      }
    });

    test("no message that was acknowledged is lost, either way", async () => {
      const whole = { deadline: SOON_MS, what: "all messages" };
      await until(() => up.isWhole && down.isWhole, whole);
      assert.ok(up.acknowledged > reloads && down.acknowledged > reloads);
    });

    test("sessions of the changed route get 1012 and come back", async () => {
      for (const { codes, ledger } of returners) {
        assert.ok(codes.length >= reloads);
        assert.deepEqual([...new Set(codes)], [1012]);
        await until(() => ledger.isWhole, { what: "all its messages" });
        assert.ok(ledger.acknowledged > 0);
      }
    });

    test("only those workers are left that have to be", async () => {
      await settled();
      const { pid } = plant.gateway;
      await until(async () => (await zombiesOf(pid)).length === 0);
      for (const { client, page } of held) {
        client?.mqtt.end(true);
        page?.destroy();
      }
      const isSo = async () =>
        (await plant.gateway.workers()).length === WORKERS;
      await until(isSo, { deadline: SOON_MS, what: "the last generation" });
      const isFresh = async () => (await plant.gateway.descriptors()) === fresh;
      await until(isFresh, { what: "as few descriptors as at the start" });
      assert.doesNotMatch(plant.gateway.lines.join("\n"), /worker died/);
    });

    test("descriptors are as many as before", { skip: reloads < WARM }, () => {
      assert.equal(late.descriptors, early.descriptors);
    });

    test("memory does not grow", { skip: !release }, () => {
      for (const whose of ["master", "worker"]) {
        const most = early[whose] * SLACK + PLAINLY;
        const said = `${whose}: ${early[whose]} -> ${late[whose]}`;
        assert.ok(late[whose] <= most, said);
      }
    });
  });
}

describe("more configurations than drain.generations", () => {
  let plant;
  const guests = [];

  before(async () => {
    const drain = { timeout_s: 5, spread_s: 0 };
    plant = await Plant.start({
      drain: { ...drain, generations: 1, reload_grace_s: 1 },
    });
  });
  after(async () => {
    for (const guest of guests) guest.destroy();
    await plant?.stop();
  });

  test("end the sessions of the oldest, with 1012", async () => {
    for (let i = 0; i < 3; i++) {
      const guest = await Guest.open("mqtt5", { port: plant.port });
      guests.push(guest);
      await guest.hears();
      const more = mqttRoute({ path: `/new${i}` });
      await plant.reload({ routes: [mqttRoute(), more] });
      if (i > 0) await guests[i - 1].ends("reload", { deadline: SOON_MS });
      await guest.hears();
    }
    await plant.gateway.line(/^the oldest workers end/);
  });
});
