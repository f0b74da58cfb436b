// SPDX-License-Identifier: Apache-2.0
// What a broker of MQTT 5 says that it does not take is answered by the
// gateway, and does not end the connection again and again; and a broker that
// answers for fewer, or more, filters than it was asked.
import assert from "node:assert/strict";
import { afterEach, describe, test } from "node:test";

import { jsonRoutes } from "./fixtures/config.mjs";
import * as packets from "./fixtures/packets.mjs";
import { Plant } from "./fixtures/plant.mjs";
import { properties } from "./fixtures/properties.mjs";

const level = 5;
const target = "/json5";
const LARGE = "x".repeat(5000);

let plant;

afterEach(() => plant?.stop());

// One that answers with `terms` in its CONNACK, and `codes` to UNSUBSCRIBE.
const broker =
  ({ terms = {}, codes = [0] } = {}) =>
  async (link) => {
    await link.next();
    const list = properties(terms);
    link.write(packets.connack({ level, properties: list }));
    for (;;) {
      const { type, id, bytes } = await link.next();
      if (type === "publish" && id) link.write(packets.puback(id));
      if (type === "pingreq") link.write(packets.pingresp());
      if (type !== "unsubscribe") continue;
      const number = bytes.subarray(2, 4);
      const none = packets.sized([]);
      const octets = Buffer.from(codes);
      link.write(packets.packet("unsuback", 0, number, none, octets));
    }
  };

async function start(settings) {
  plant = await Plant.start({ routes: jsonRoutes(), ...settings });
  return plant.page({ target });
}

// The session goes on, over the same connection.
async function stays(page) {
  await page.publish("t", "small", { qos: 1 });
  assert.equal(plant.wire.connections, 1);
  assert.deepEqual(await page.settle(), []);
  assert.deepEqual(await plant.gateway.workers(), plant.workers);
}

const publish = (more) => ({ type: "publish", topic: "t", payload: "", ...more });

describe("what a broker does not take", () => {
  for (const qos of [0, 1, 2]) {
    test(`a publish of QoS ${qos} over its Maximum Packet Size is answered with 149`, async () => {
      const page = await start({
        broker: { settings: ["max_packet_size 2000"] },
      });
      const error = await page.refused(publish({ payload: LARGE, qos }), 149);
      assert.equal(error.temporary, false);
      await stays(page);
    });
  }

  test("a request over its Maximum Packet Size is answered with 149", async () => {
    const page = await start({ broker: { settings: ["max_packet_size 2000"] } });
    const request = { type: "request", topic: "t", payload: LARGE, qos: 1 };
    await page.refused(request, 149);
    await stays(page);
  });

  for (const [most, qos] of [
    [0, 1],
    [0, 2],
    [1, 2],
  ]) {
    test(`a publish of QoS ${qos} over its Maximum QoS of ${most} is answered with 155`, async () => {
      const page = await start({
        script: broker({ terms: { maximumQos: most } }),
      });
      const error = await page.refused(publish({ qos }), 155);
      assert.equal(error.temporary, false);
      await page.publish("t", "small", { qos: most });
      assert.equal(plant.wire.connections, 1);
      assert.deepEqual(await page.settle(), []);
    });
  }

  test("a retained publish is answered with 154 where it keeps none", async () => {
    const page = await start({ script: broker({ terms: { retainAvailable: 0 } }) });
    for (const qos of [0, 1]) {
      const error = await page.refused(publish({ qos, retain: true }), 154);
      assert.equal(error.temporary, false);
    }
    await stays(page);
  });

  test("what one takes that says that it takes all, goes", async () => {
    const terms = { maximumPacket: 10000, retainAvailable: 1 };
    const page = await start({ script: broker({ terms }) });
    await page.publish("t", LARGE, { qos: 1, retain: true });
    await stays(page);
  });
});

describe("an UNSUBACK for two filters", () => {
  for (const codes of [[0], [0, 0], [0x11, 0x11, 0x11]]) {
    test(`with ${codes.length} reason codes is an answer`, async () => {
      const page = await start({ script: broker({ codes }) });
      await page.do({ type: "unsubscribe", topics: ["a", "b"] });
      await stays(page);
    });
  }
});
