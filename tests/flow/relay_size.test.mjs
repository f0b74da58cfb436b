// SPDX-License-Identifier: Apache-2.0
// Large payloads arrive whole.
import assert from "node:assert/strict";
import { createHash, randomBytes } from "node:crypto";
import { after, before, describe, test } from "node:test";

import { Client } from "./fixtures/client.mjs";
import { LEVELS, VERSION_NAMES } from "./fixtures/packets.mjs";
import { Plant } from "./fixtures/plant.mjs";

const LARGE = 5 * 1024 * 1024;
const deadline = 20000;

describe("a payload of 5 MiB", () => {
  let plant;

  before(async () => {
    plant = await Plant.start();
  });
  after(() => plant?.stop());

  const hash = (bytes) => createHash("sha256").update(bytes).digest("hex");

  async function passes(from, to, topic) {
    const payload = randomBytes(LARGE);
    await to.subscribe(topic, 1);
    await from.publish(topic, payload, { qos: 1 });
    const message = await to.message({ deadline });
    assert.equal(hash(message.payload), hash(payload));
  }

  for (const level of LEVELS) {
    test(`${VERSION_NAMES[level]}: passes from the browser`, async () => {
      const browser = await Client.open(plant.url, { level });
      const device = await Client.open(plant.brokerUrl, { level });
      await passes(browser, device, `up/${level}`);
      await browser.end();
      await device.end();
    });

    test(`${VERSION_NAMES[level]}: passes to the browser`, async () => {
      const browser = await Client.open(plant.url, { level });
      const device = await Client.open(plant.brokerUrl, { level });
      await passes(device, browser, `down/${level}`);
      await browser.end();
      await device.end();
    });

    test(`${VERSION_NAMES[level]}: passes both ways at once`, async () => {
      const browser = await Client.open(plant.url, { level });
      await passes(browser, browser, `round/${level}`);
      await browser.end();
    });
  }
});
