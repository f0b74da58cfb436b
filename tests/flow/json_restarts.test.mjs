// SPDX-License-Identifier: Apache-2.0
// A broker that is restarted again and again while messages of QoS 1 go both
// ways through pages: the sessions stay, and what was acknowledged arrives.
import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";

import { Client } from "./fixtures/client.mjs";
import { jsonRoute, mqttRoute } from "./fixtures/config.mjs";
import { Ledger } from "./fixtures/ledger.mjs";
import { Plant } from "./fixtures/plant.mjs";
import { until } from "./fixtures/wait.mjs";

const RESTARTS = 20;
const PAGES = 4;
const AT_ONCE = 40; // of each page and of each topic of the device
const ROUND = 1100; // acknowledged between two restarts
const LEAST = 20_000; // acknowledged in all
const LEAST_IN_FLIGHT = 1000; // at the restarts, together
const BACK_MS = 20_000; // a reconnection waits for some seconds
const EXPIRY_S = 3600;

describe(`a broker restarted ${RESTARTS} times`, () => {
  const ledger = new Ledger();
  const awaited = new Map(); // what wakes who waits for a message
  const pages = [];
  const failures = []; // of the device that publishes
  let plant, sender, receiver;
  let publishes = true;

  before(async () => {
    plant = await Plant.start({
      release: true,
      broker: {
        persistence: true, // all is saved at SIGTERM
        settings: ["max_inflight_messages 0", "set_tcp_nodelay true"],
      },
      routes: [mqttRoute(), jsonRoute()],
    });
    sender = await open("sender");
    receiver = await open("receiver");
    receiver.mqtt.on("message", (topic, payload) => {
      ledger.deliver(`${topic} ${payload}`);
    });
    await receiver.subscribe("up/#", 1);
    for (let i = 0; i < PAGES; i++) pages.push(await newPage(i));
  });
  after(async () => {
    publishes = false;
    await sender?.mqtt.endAsync(true);
    await receiver?.mqtt.endAsync(true);
    await plant?.stop();
  });

  // A device that comes back by itself and is waited for.
  function open(clientId) {
    return Client.open(plant.brokerUrl, {
      level: 5,
      clientId,
      clean: false,
      reconnectPeriod: 100,
      properties: { sessionExpiryInterval: EXPIRY_S },
    });
  }

  async function newPage(i) {
    const page = await plant.page();
    page.times = { away: 0, up: 0 };
    page.refusals = [];
    page.divert("message", ({ topic, payload }) => {
      const message = `${topic} ${payload}`;
      ledger.deliver(message);
      awaited.get(message)?.();
      awaited.delete(message);
    });
    page.divert("status", ({ upstream }) => {
      const isUp = upstream === "up";
      if (isUp) page.times.up++;
      else if (page.times.away === page.times.up) page.times.away++;
    });
    await page.subscribe(`down/${i}`, { qos: 1 });
    return page;
  }

  // Always AT_ONCE of them on their way.
  function publishFromPage(page, name) {
    const topic = `up/${name}`;
    let number = 0;
    const publish = () => {
      const id = number++;
      const payload = `${id}`;
      ledger.send(`${topic} ${payload}`);
      page.send({ type: "publish", id, topic, payload, qos: 1 });
    };
    page.divert("ack", (ack) => {
      if (!ack.success) return page.refusals.push(ack.text);
      ledger.acknowledge(`${topic} ${ack.id}`);
      if (publishes) publish();
    });
    for (let i = 0; i < AT_ONCE; i++) publish();
  }

  // MQTT.js gives up what was published while it said again what it had, when
  // that connection is lost as well; a device that cares says it once more.
  async function say(topic, payload) {
    for (;;) {
      try {
        return await sender.publish(topic, payload, { qos: 1 });
      } catch (error) {
        if (!publishes || error.message !== "Connection closed") throw error;
      }
    }
  }

  // No faster than they arrive, or a broker without a gateway would pile
  // them up.
  async function publishFromDevice(name) {
    const topic = `down/${name}`;
    let number = 0;
    const lane = async () => {
      while (publishes) {
        const payload = `${number++}`;
        const message = `${topic} ${payload}`;
        ledger.send(message);
        const arrival = new Promise((wake) => awaited.set(message, wake));
        await say(topic, payload);
        ledger.acknowledge(message);
        await arrival;
      }
    };
    await Promise.all(Array.from({ length: AT_ONCE }, lane));
  }

  const told = () =>
    JSON.stringify(pages.map(({ times, ended }) => ({ ...times, ended })));

  // That every page has been told of so many losses and returns.
  async function allAreBack(count) {
    const isBack = ({ times }) => times.up >= count && times.away >= count;
    await until(() => pages.some((one) => one.ended) || pages.every(isBack), {
      deadline: BACK_MS,
      what: "all pages are back",
    }).catch((error) => assert.fail(`${error.message}: ${told()}`));
    assert.ok(!pages.some((one) => one.ended), `the sessions stay: ${told()}`);
  }

  test("ends no session and loses nothing that was acknowledged", async (t) => {
    for (const [i, page] of pages.entries()) {
      publishFromPage(page, i);
      publishFromDevice(i).catch((error) => failures.push(error));
    }
    let inFlight = 0;
    for (let restart = 1; restart <= RESTARTS; restart++) {
      const enough = ledger.acknowledged + ROUND;
      await until(() => ledger.acknowledged >= enough, {
        deadline: BACK_MS,
        what: `${enough} acknowledged`,
      });
      assert.deepEqual(failures, []);
      inFlight += ledger.inFlight;
      await plant.broker.restart();
      await allAreBack(restart);
    }
    publishes = false;
    const isQuiet = () => ledger.inFlight === 0 && ledger.isWhole;
    await until(isQuiet, { deadline: BACK_MS }).catch(() => {});

    const { acknowledged, repeated } = ledger;
    t.diagnostic(`${acknowledged} acknowledged, ${repeated} came twice`);
    t.diagnostic(`${inFlight} in flight at the restarts`);
    assert.deepEqual(ledger.missing().slice(0, 20), []);
    assert.equal(ledger.inFlight, 0, "all is answered in the end");
    assert.deepEqual(
      pages.flatMap((page) => page.refusals),
      [],
    );
    assert.ok(acknowledged >= LEAST, `${acknowledged}`);
    assert.ok(inFlight >= LEAST_IN_FLIGHT, `${inFlight} in flight`);
  });

  test("leaves each page as it was", async () => {
    for (const [i, page] of pages.entries()) {
      const { session } = await page.connected();
      const closed = new RegExp(`^session ${session} closed`);
      assert.ok(!plant.gateway.lines.some((line) => closed.test(line)));
      assert.deepEqual([page.ended, i], [false, i]);
      await page.leave();
    }
  });
});
