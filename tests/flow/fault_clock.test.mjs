// SPDX-License-Identifier: Apache-2.0
// Fault F15: the wall clock jumps by an hour, forth and back. No session ends
// or stalls for it, none is slower to come back, and no thread goes round.
import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";

import { Channel } from "./fixtures/channel.mjs";
import { channelRoute } from "./fixtures/channel_route.mjs";
import { Clock } from "./fixtures/clock.mjs";
import { jsonRoutes } from "./fixtures/config.mjs";
import { Folder } from "./fixtures/folder.mjs";
import { Plant } from "./fixtures/plant.mjs";
import { sharesDuring, throughout } from "./fixtures/processor.mjs";
import { until } from "./fixtures/wait.mjs";

const HOUR_S = 3600;
const TRAFFIC_MS = 2500;
const IDLE_MS = 2500;
const JUMPS = [
  ["an hour forth", HOUR_S],
  ["two hours back", -HOUR_S],
  ["right again", 0],
];
const TIMEOUT_MS = 1000; // of connecting; CONNACK gets ten seconds more

describe("F15: the wall clock jumps", () => {
  let folder, clock, plant, mqtt, pages, channel;
  let beats = 0;

  before(async () => {
    folder = await Folder.create();
    clock = await Clock.prepare(folder);
    plant = await Plant.start({
      env: clock.env,
      routes: [...jsonRoutes(), channelRoute()],
      upstream: { connect_timeout_ms: TIMEOUT_MS },
    });
    await plant.unaffected();
    mqtt = await plant.open({ session: { keepAlive: 2 } });
    await mqtt.subscribe("mqtt");
    pages = [];
    for (const target of ["/json5", "/json4"]) {
      pages.push(await plant.page({ target }));
    }
    for (const [i, page] of pages.entries()) {
      await page.subscribe(`page/${i}`, { qos: 1 });
    }
    channel = await Channel.open({ port: plant.port });
  });
  after(async () => {
    channel?.destroy();
    await plant?.stop();
    await clock?.stop();
    await folder?.remove();
  });

  // Everybody gets a message of their own.
  async function beat() {
    const payload = `beat ${++beats}`;
    mqtt.publish("mqtt", payload, { qos: 1, id: (beats % 1000) + 1 });
    await beatOfPages(payload);
    const seen = [(await mqtt.next()).type, (await mqtt.next()).type];
    assert.deepEqual(seen.sort(), ["puback", "publish"]);
  }

  async function beatOfPages(payload = `beat ${++beats}`) {
    channel.send(payload);
    for (const [i, page] of pages.entries()) {
      await page.publish(`page/${i}`, payload, { qos: 1 });
      assert.equal((await page.message()).payload, payload);
    }
    assert.equal(await channel.text(), payload);
  }

  // Pages and channels only: MQTT clients are told to come back themselves.
  async function comeBack() {
    const from = plant.gateway.lines.length;
    plant.wire.cut();
    for (const page of pages) await page.status("up", { deadline: 20000 });
    const back = () =>
      plant.gateway.lines.slice(from).filter((x) => x.includes("reconnected"));
    const areAll = () => back().length >= pages.length + 1;
    await until(areAll, { deadline: 20000, what: "the channel as well" });
  }

  for (const [name, seconds] of JUMPS) {
    test(`${name}: all sessions go on`, async () => {
      await beat();
      await clock.shift(seconds);
      await throughout(TRAFFIC_MS, beat);
    });

    test(`${name}: nothing goes round while nothing is said`, async () => {
      const shares = await sharesDuring(plant.workers, () =>
        throughout(IDLE_MS, () => {}),
      );
      assert.ok(Math.max(...shares) < 0.2, `${shares} of a processor`);
      await beat();
    });

    test(`${name}: who comes is served`, async () => {
      const page = await plant.page({ target: "/json5" });
      await page.leave();
      await plant.unaffected();
    });
  }

  test("no session has ended for it, and no worker", async () => {
    const isEnd = (line) => /^session \S+ closed reason=(?!browser_closed)/.test(line);
    assert.deepEqual(plant.gateway.lines.filter(isEnd), []);
    assert.deepEqual(await plant.gateway.workers(), plant.workers);
  });

  for (const [name, seconds] of JUMPS) {
    test(`${name} while the broker is away: pages come back`, async () => {
      await throughout(TRAFFIC_MS, beatOfPages); // none of it was a failure
      const coming = comeBack();
      await clock.shift(seconds);
      await coming;
      await beatOfPages();
    });
  }

  test("two hours back while a broker is silent: pages hear of it", async () => {
    await clock.shift(HOUR_S);
    await throughout(TRAFFIC_MS, beatOfPages);
    const before = plant.wire.connections;
    plant.wire.stall();
    const page = await plant.newPage({ target: "/json5" });
    await plant.wire.until(() => plant.wire.connections > before);
    await clock.shift(-HOUR_S);
    await page.status("down", { deadline: 30000 });
    plant.wire.resume();
    page.destroy();
    await beatOfPages();
  });
});
