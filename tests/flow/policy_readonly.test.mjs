// SPDX-License-Identifier: Apache-2.0
// A route that is read-only, as a page with MQTT.js meets it: it subscribes
// and receives, and whatever it publishes goes nowhere.
import assert from "node:assert/strict";
import { after, before, beforeEach, describe, test } from "node:test";

import { Client } from "./fixtures/client.mjs";
import { mqttRoute } from "./fixtures/config.mjs";
import { LEVELS, VERSION_NAMES } from "./fixtures/packets.mjs";
import { Plant } from "./fixtures/plant.mjs";

const NOT_AUTHORISED = 135;
const RUNS = 50;

describe("on a read-only route", () => {
  let plant, device;

  before(async () => {
    plant = await Plant.start({
      acls: [{ name: "generous", rules: ["allow pub,sub,retain #"] }],
      routes: [
        mqttRoute({ read_only: true }),
        mqttRoute({ path: "/ruled", read_only: true, acl: "generous" }),
      ],
    });
    device = await Client.open(plant.brokerUrl);
    await device.subscribe("#", 2);
  });
  after(async () => {
    await device?.end();
    await plant?.stop();
  });
  beforeEach(() => nothingArrived().catch(() => {}));

  // The device's own message is the first that it gets.
  async function nothingArrived() {
    const fence = `fence ${performance.now()}`;
    await device.publish("fence", fence, { qos: 2 });
    const seen = [];
    while (seen.at(-1) !== fence) {
      const { payload } = await device.message();
      seen.push(payload.toString());
    }
    assert.deepEqual(seen, [fence]);
  }

  for (const path of ["/mqtt", "/ruled"]) {
    for (const level of LEVELS) {
      describe(`${path} with ${VERSION_NAMES[level]}`, () => {
        let browser;
        const connect = (options) =>
          Client.open(`ws://127.0.0.1:${plant.port}${path}`, {
            level,
            ...options,
          });

        before(async () => {
          browser = await connect();
        });
        after(() => browser?.end());

        // As MQTT.js tells it to the page: null, or the code of its error.
        async function published(topic, payload, options) {
          try {
            await browser.publish(topic, payload, options);
            return null;
          } catch (error) {
            return error.code;
          }
        }

        async function receives() {
          const topic = `down/${performance.now()}`;
          await browser.subscribe(topic, 2);
          await device.publish(topic, "hello", { qos: 2 });
          const message = await browser.message();
          assert.equal(message.topic, topic);
          assert.equal((await device.message()).topic, topic);
        }

        test("messages arrive", receives);

        for (const qos of [0, 1, 2]) {
          const code = level === 5 && qos > 0 ? NOT_AUTHORISED : null;
          const how = code ? `with reason ${code}` : "without a word";

          test(`a publish of QoS ${qos} is refused ${how}`, async () => {
            for (let run = 0; run < RUNS; run++) {
              assert.equal(await published("up", `${run}`, { qos }), code);
            }
            await receives();
            await nothingArrived();
          });

          test(`a retained one of QoS ${qos} too`, async () => {
            const options = { qos, retain: true };
            assert.equal(await published("kept", "state", options), code);
            await receives();
            const late = await Client.open(plant.brokerUrl);
            await late.subscribe("kept");
            await device.publish("kept", "fence");
            assert.equal((await late.message()).payload.toString(), "fence");
            assert.equal((await device.message()).topic, "kept");
            await late.end();
          });
        }

        test("many at once are refused as well", async () => {
          const all = Array.from({ length: RUNS }, (_, i) =>
            published("up", `${i}`, { qos: i % 3 }),
          );
          await Promise.all(all);
          assert.equal(browser.mqtt.connected, true);
          await receives();
          await nothingArrived();
        });

        test("what it subscribed to it can leave again", async () => {
          await browser.subscribe("left", 1);
          await browser.mqtt.unsubscribeAsync("left");
          await device.publish("left", "no", { qos: 1 });
          assert.equal((await device.message()).topic, "left");
          await receives();
        });

        test("a will is refused", async () => {
          const will = { topic: "will", payload: "gone", qos: 1 };
          await assert.rejects(
            connect({ will }),
            ({ code }) => code === (level === 5 ? NOT_AUTHORISED : 5),
          );
          await nothingArrived();
        });
      });
    }
  }
});
