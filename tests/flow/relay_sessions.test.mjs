// SPDX-License-Identifier: Apache-2.0
// Many sessions at once do not mix, and leave nothing behind.
import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";

import { LEVELS } from "./fixtures/packets.mjs";
import { Plant } from "./fixtures/plant.mjs";
import { until } from "./fixtures/wait.mjs";

const COUNT = 30;
const ROUNDS = 5;

describe("with two workers", () => {
  let plant;

  before(async () => {
    plant = await Plant.start({ workers: 2 });
  });
  after(() => plant?.stop());

  const openAll = () =>
    Promise.all(
      Array.from({ length: COUNT }, (_, i) =>
        plant.open({ level: LEVELS[i % 3], session: { clientId: `c${i}` } }),
      ),
    );
  const leaveAll = (browsers) =>
    Promise.all(browsers.map((browser) => browser.leave()));

  test("each browser gets its own messages and no others", async () => {
    const browsers = await openAll();
    await Promise.all(browsers.map((one, i) => one.subscribe(`to/${i}`)));
    for (let round = 0; round < ROUNDS; round++) {
      browsers.forEach((browser, i) => {
        const to = (i + 1) % COUNT;
        browser.publish(`to/${to}`, `${round} from ${i}`);
      });
    }
    await Promise.all(
      browsers.map(async (browser, i) => {
        const from = (i + COUNT - 1) % COUNT;
        for (let round = 0; round < ROUNDS; round++) {
          const { topic, payload } = await browser.message();
          assert.equal(topic, `to/${i}`);
          assert.equal(payload.toString(), `${round} from ${from}`);
        }
      }),
    );
    await leaveAll(browsers);
  });

  test("one session is one connection to the broker", async () => {
    const before = plant.wire.connections;
    const browsers = await openAll();
    assert.equal(plant.wire.connections - before, COUNT);
    await leaveAll(browsers);
  });

  test("two sessions with one client id: the older one is ended", async () => {
    const options = { level: 5, session: { clientId: "twin" } };
    const older = await plant.open(options);
    const younger = await plant.open(options);
    const { code, reason } = await older.expectClose();
    assert.match(
      `${code} ${reason}`,
      /^(1012 upstream_closed|1008 taken_over)$/,
    );
    await younger.leave();
  });

  test("ended sessions leave no descriptor behind", async () => {
    await leaveAll(await openAll());
    const before = await settled();
    for (let i = 0; i < 3; i++) {
      const browsers = await openAll();
      browsers.slice(0, COUNT / 2).forEach((browser) => browser.destroy());
      await leaveAll(browsers.slice(COUNT / 2));
    }
    const same = async () => (await settled()) <= before;
    await until(same, { what: "as many descriptors as before" });
  });

  test("every session has a line when it opens and when it ends", async () => {
    const from = plant.gateway.lines.length;
    const browser = await plant.open({ session: { clientId: "logged" } });
    await browser.leave();
    const opened = await plant.gateway.line(/^session \S+ opened /, { from });
    const [, id] = opened.split(" ");
    assert.match(opened, /client_id="?logged"?/);
    assert.match(opened, /origin="?http:\/\/allowed\.test"?/);
    assert.match(opened, /route="?\/mqtt"?/);
    const ended = await plant.gateway.line(
      new RegExp(`^session ${id} closed .*reason=browser_closed`),
      { from },
    );
    assert.match(ended, /up=\d+/);
  });

  async function settled() {
    await plant.wire.until(() => plant.wire.live === 0);
    return plant.gateway.descriptors();
  }
});
