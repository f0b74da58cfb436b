// SPDX-License-Identifier: Apache-2.0
// The QoS of a channel, in both versions of MQTT: each message arrives once
// and in order, and none is retained.
import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";

import { ChannelPlant } from "./fixtures/channel.mjs";
import { channelRoute } from "./fixtures/channel_route.mjs";
import { packetsIn, VERSION_NAMES } from "./fixtures/packets.mjs";
import { each } from "./fixtures/wait.mjs";

const VERSIONS = [4, 5];
const COUNT = 200;
const AT_ONCE = 10; // mosquitto refuses more than 20 of QoS 2

const topicOf = (version, qos) => `qos/${version}/${qos}`;
const pathOf = (version, qos) => `/${version}/${qos}`;

function routeOf(version, qos) {
  const topic = topicOf(version, qos);
  return channelRoute({
    path: pathOf(version, qos),
    publish: topic,
    subscribe: [topic],
    mqtt_version: version,
    qos,
  });
}

describe("a channel", () => {
  let stage;

  before(async () => {
    const routes = VERSIONS.flatMap((version) =>
      [0, 1, 2].map((qos) => routeOf(version, qos)),
    );
    stage = await ChannelPlant.start({ routes });
  });
  after(() => stage?.stop());

  for (const version of VERSIONS) {
    for (const qos of [0, 1, 2]) {
      describe(`of QoS ${qos} with ${VERSION_NAMES[version]}`, () => {
        const topic = topicOf(version, qos);
        const texts = Array.from({ length: COUNT }, (_, i) => `${i}`);
        let device, channel;

        before(async () => {
          device = await stage.device(topic, { level: version });
          const target = pathOf(version, qos);
          channel = await stage.join({ target, filters: [topic] });
        });

        test("sends each message once, in order, and not retained", async () => {
          for (const text of texts) channel.send(text);
          const messages = await device.take(COUNT, { deadline: 10000 });
          assert.deepEqual(
            messages.map(({ payload }) => payload.toString()),
            texts,
          );
          assert.ok(messages.every((one) => one.qos === qos));
          for (const text of texts) assert.equal(await channel.text(), text);
          await device.publish(topic, "fence", { qos });
          const fence = await device.message();
          assert.equal(fence.payload.toString(), "fence");
          assert.equal(await channel.text(), "fence");
        });

        test("gives each message once and in order", async () => {
          const publish = (i) => device.publish(topic, texts[i], { qos: 2 });
          await each(COUNT, AT_ONCE, publish);
          for (const text of texts) assert.equal(await channel.text(), text);
          await device.take(COUNT);
          channel.send("fence");
          assert.equal(await channel.text(), "fence");
        });

        test("leaves nothing for those who come later", async () => {
          const late = await stage.device(topic, { level: version });
          await late.publish(topic, "new", { qos: 1 });
          const message = await late.message();
          assert.equal(message.payload.toString(), "new");
          assert.equal(message.retain, false);
        });

        test("is at the broker what its route says", () => {
          const sent = packetsIn(stage.sent);
          const of = (type) => sent.filter((one) => one.type === type);
          const [connect] = of("connect");
          assert.equal(connect.level, version);
          assert.equal(connect.clean, version !== 5);
          assert.match(connect.clientId, /^postern[0-9a-f]{16}$/);
          assert.equal(connect.will, null);
          const filters = of("subscribe").flatMap(({ filters }) => filters);
          assert.deepEqual(
            filters.map(([filter, options]) => [filter, options & 3]),
            [[topic, qos]],
          );
          const messages = of("publish");
          assert.ok(messages.length > 0);
          for (const message of messages) {
            const { retain, duplicate } = message;
            assert.equal(message.qos, qos);
            assert.deepEqual([retain, duplicate], [false, false]);
          }
        });
      });
    }
  }
});
