// SPDX-License-Identifier: Apache-2.0
// Messages of every QoS pass both ways, for MQTT.js in all its versions.
import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";

import { Client } from "./fixtures/client.mjs";
import { LEVELS, VERSION_NAMES } from "./fixtures/packets.mjs";
import { Plant } from "./fixtures/plant.mjs";

for (const level of LEVELS) {
  describe(`with ${VERSION_NAMES[level]}`, () => {
    let plant, browser, device;

    before(async () => {
      plant = await Plant.start();
      browser = await Client.open(plant.url, { level });
      device = await Client.open(plant.brokerUrl, { level });
    });
    after(async () => {
      await browser?.end();
      await device?.end();
      await plant?.stop();
    });

    for (const qos of [0, 1, 2]) {
      test(`a browser gets its own message of QoS ${qos} back`, async () => {
        await browser.subscribe(`own/${qos}`, qos);
        await browser.publish(`own/${qos}`, "hello", { qos });
        const message = await browser.message();
        assert.equal(message.topic, `own/${qos}`);
        assert.equal(message.payload.toString(), "hello");
        assert.equal(message.qos, qos);
        assert.equal(message.retain, false);
      });

      test(`a device gets a message of QoS ${qos} from a browser`, async () => {
        await device.subscribe(`up/${qos}`, qos);
        await browser.publish(`up/${qos}`, "on", { qos });
        const message = await device.message();
        assert.equal(message.payload.toString(), "on");
        assert.equal(message.qos, qos);
      });

      test(`a browser gets a message of QoS ${qos} from a device`, async () => {
        await browser.subscribe(`down/${qos}`, qos);
        await device.publish(`down/${qos}`, "21.5", { qos });
        const message = await browser.message();
        assert.equal(message.payload.toString(), "21.5");
        assert.equal(message.qos, qos);
      });
    }

    test("a retained message greets whoever subscribes later", async () => {
      await browser.publish("kept", "state", { qos: 1, retain: true });
      await device.subscribe("kept");
      const seen = await device.message();
      assert.equal(seen.payload.toString(), "state");
      assert.equal(seen.retain, true);
      await browser.subscribe("kept");
      const own = await browser.message();
      assert.equal(own.retain, true);
    });

    test("an empty retained message deletes what was kept", async () => {
      await device.publish("gone", "state", { qos: 1, retain: true });
      await browser.publish("gone", "", { qos: 1, retain: true });
      await browser.subscribe("gone");
      await browser.publish("gone", "first");
      const message = await browser.message();
      assert.equal(message.payload.toString(), "first");
    });

    test("what is unsubscribed does not arrive any more", async () => {
      await browser.subscribe("left");
      await browser.mqtt.unsubscribeAsync("left");
      await browser.subscribe("stayed");
      await device.publish("left", "no", { qos: 1 });
      await device.publish("stayed", "yes", { qos: 1 });
      assert.equal((await browser.message()).topic, "stayed");
    });

    test("an empty payload and one of every octet arrive whole", async () => {
      const octets = Buffer.from(Array.from({ length: 256 }, (_, i) => i));
      await browser.subscribe("octets", 1);
      await browser.publish("octets", "", { qos: 1 });
      await browser.publish("octets", octets, { qos: 1 });
      const [empty, full] = await browser.take(2);
      assert.equal(empty.payload.length, 0);
      assert.deepEqual(full.payload, octets);
    });
  });
}
