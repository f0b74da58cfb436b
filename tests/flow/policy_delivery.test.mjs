// SPDX-License-Identifier: Apache-2.0
// Messages that an ACL does not let a client have never reach it, however
// they came to be sent, and the broker is answered in its place.
import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";

import { Client } from "./fixtures/client.mjs";
import { mqttRoute } from "./fixtures/config.mjs";
import * as packets from "./fixtures/packets.mjs";
import { LEVELS, VERSION_NAMES } from "./fixtures/packets.mjs";
import { Plant } from "./fixtures/plant.mjs";
import { properties } from "./fixtures/properties.mjs";
import { brief, Watched } from "./fixtures/watched.mjs";

const MANY = 50; // more than mosquitto has in flight to one client: 20
const PAIRS = 10; // of a bad and a good one, so many are in flight
const EXPIRY = 300;

const acls = [
  {
    name: "open",
    rules: ["allow pub,sub open/#", "deny sub open/secret/#"],
  },
  {
    name: "workers",
    rules: ["allow sub $share/g/work/#", "deny sub work/secret/#"],
  },
  { name: "asker", rules: ["allow pub rpc/in", "allow sub rpc/out/+"] },
];

describe("a delivery", () => {
  let plant, device;
  let keepers = 0;

  before(async () => {
    plant = await Plant.start({
      acls,
      routes: [
        mqttRoute({ acl: "open" }),
        mqttRoute({ path: "/work", acl: "workers" }),
        mqttRoute({ path: "/rpc", acl: "asker" }),
      ],
    });
    device = await Client.open(plant.brokerUrl);
  });
  after(async () => {
    await device?.end();
    await plant?.stop();
  });

  for (const level of LEVELS) {
    describe(`with ${VERSION_NAMES[level]}`, () => {
      // A client id whose subscription was made at the broker itself.
      async function keeper(...filters) {
        const clientId = `keeper-${++keepers}`;
        const own = await Client.open(plant.brokerUrl, {
          level,
          clientId,
          clean: false,
          ...(level === 5
            ? { properties: { sessionExpiryInterval: EXPIRY } }
            : {}),
        });
        for (const filter of filters) await own.subscribe(filter, 2);
        await own.end();
        return clientId;
      }

      const open = (clientId, { more = {}, ...options } = {}) =>
        Watched.open(plant, {
          level,
          session: {
            clientId,
            clean: false,
            properties: properties({ sessionExpiry: EXPIRY, ...more }),
          },
          ...options,
        });

      // Like Browser.message, with others of QoS 2 on their way.
      async function message(browser) {
        for (;;) {
          const packet = await browser.next();
          if (packet.type === "pubrel") {
            browser.send(packets.pubcomp(packet.id));
            continue;
          }
          assert.equal(packet.type, "publish");
          if (packet.qos === 1) browser.send(packets.puback(packet.id));
          if (packet.qos === 2) browser.send(packets.pubrec(packet.id));
          return packet;
        }
      }

      const send = (topic, payload, qos) =>
        device.publish(topic, payload, { qos });

      const answers = [[], ["puback"], ["pubcomp", "pubrec"]];

      for (const qos of [0, 1, 2]) {
        test(`QoS ${qos}: what is refused is answered and not passed on`, async () => {
          const watched = await open(await keeper("closed/#", "open/#"));
          await send("closed/x", "no", qos);
          await send("open/secret/x", "no", qos);
          await send("open/x", "yes", qos);
          const message = await watched.browser.message();
          assert.equal(message.topic, "open/x");
          const { up, down } = await watched.settle();
          assert.deepEqual(down, []);
          const wanted = [1, 2, 3].flatMap(() => answers[qos]);
          assert.deepEqual(up.map(({ type }) => type).sort(), wanted.sort());
          watched.browser.destroy();
        });

        test(`QoS ${qos}: among good ones only they arrive, in order`, async () => {
          const { browser } = await open(await keeper("#"));
          // No more at once than are in flight: what mosquitto has to queue
          // it mixes up itself.
          for (let round = 0; round < MANY / PAIRS; round++) {
            const sent = [];
            for (let i = 0; i < PAIRS; i++) {
              sent.push(`${round} ${i}`);
              await send("closed/x", "no", qos);
              await send("open/x", sent.at(-1), qos);
            }
            const seen = [];
            while (seen.length < PAIRS) {
              const { topic, payload } = await message(browser);
              assert.equal(topic, "open/x");
              seen.push(payload.toString());
            }
            assert.deepEqual(seen, sent);
          }
          browser.destroy();
        });

        test(`QoS ${qos}: a payload of 1 MiB is taken out whole`, async () => {
          const watched = await open(await keeper("closed/#", "open/#"));
          await send("closed/x", Buffer.alloc(1024 * 1024, "no"), qos);
          await send("open/x", "yes", qos);
          const message = await watched.browser.message();
          assert.equal(message.payload.toString(), "yes");
          const { down } = await watched.settle();
          assert.deepEqual(down, []);
          watched.browser.destroy();
        });
      }

      for (const qos of [1, 2]) {
        test(`QoS ${qos}: ${MANY} refused ones leave the broker's window open`, async () => {
          const watched = await open(await keeper("#"));
          for (let i = 0; i < MANY; i++) await send("closed/x", `${i}`, qos);
          await send("open/x", "yes", qos);
          const message = await watched.browser.message();
          assert.equal(message.payload.toString(), "yes");
          const { up, down } = await watched.settle();
          assert.deepEqual(down, []);
          const acks = up.filter(({ type }) => type === answers[qos].at(-1));
          assert.equal(acks.length, MANY + 1);
          watched.browser.destroy();
        });

        test(`QoS ${qos}: those kept while its browser was away are refused, and for good`, async () => {
          const clientId = await keeper("#");
          for (let i = 0; i < MANY; i++) await send("closed/x", `${i}`, qos);
          await send("open/x", "kept", qos);
          for (let i = 0; i < MANY; i++) await send("closed/x", `${i}`, qos);
          const first = await open(clientId);
          const message = await first.browser.message();
          assert.equal(message.payload.toString(), "kept");
          assert.deepEqual((await first.settle()).down, []);
          await send("open/x", "fence", qos);
          const fence = await first.browser.message();
          assert.equal(fence.payload.toString(), "fence");
          await first.settle();
          first.browser.destroy();
          await plant.wire.untilClosed({ link: first.link });
          const second = await open(clientId);
          assert.deepEqual((await second.settle()).down, []);
          second.browser.destroy();
        });
      }

      test("QoS 2: the broker's PUBREL of a refused one stays in the gateway", async () => {
        const watched = await open(await keeper("#"));
        await send("closed/x", "no", 2);
        await send("open/x", "yes", 2);
        const message = await watched.browser.message();
        const { up, down } = await watched.settle();
        assert.deepEqual(down, []);
        const own = brief(up).filter(([, id]) => id === message.id);
        const made = brief(up).filter(([, id]) => id !== message.id);
        for (const answers of [own, made]) {
          assert.deepEqual(
            answers.map(([type]) => type),
            ["pubrec", "pubcomp"],
          );
        }
        watched.browser.destroy();
      });

      test("one octet at a time makes no difference", async (t) => {
        const watched = await open(await keeper("#"));
        plant.wire.dribble = true;
        t.after(() => (plant.wire.dribble = false));
        for (const qos of [0, 1, 2]) {
          await send("closed/octets", `no ${qos}`, qos);
          await send("open/octets", `yes ${qos}`, qos);
          const message = await watched.browser.message();
          assert.equal(message.payload.toString(), `yes ${qos}`);
        }
        assert.deepEqual((await watched.settle()).down, []);
        watched.browser.destroy();
      });

      test("of a shared subscription comes with its plain topic", async () => {
        const watched = await Watched.open(plant, { level, target: "/work" });
        const { browser } = watched;
        await browser.subscribe(`$share/g/work/${level}/#`, 1);
        await send(`work/${level}/1`, "job", 1);
        const message = await browser.message();
        assert.equal(message.topic, `work/${level}/1`);
        browser.destroy();
      });

      test("of a shared subscription from before is refused as well", async () => {
        const filters = ["$share/h/closed/#", `$share/g/work/old${level}/#`];
        const clientId = await keeper(...filters);
        const watched = await open(clientId, { target: "/work" });
        for (let i = 0; i < MANY; i++) await send("closed/x", "no", 1);
        await send(`work/old${level}/2`, "job", 1);
        const message = await watched.browser.message();
        assert.equal(message.topic, `work/old${level}/2`);
        assert.deepEqual((await watched.settle()).down, []);
        watched.browser.send(packets.unsubscribe({ level, filters }));
        await watched.browser.expect("unsuback");
        watched.browser.destroy();
      });

      test("of a shared subscription needs the rule for its group", async () => {
        const watched = await Watched.open(plant, { level, target: "/work" });
        const { browser } = watched;
        const filters = [
          ["$share/h/work/1", 0],
          ["work/1", 0],
          ["$share/g/closed/1", 0],
          ["$share/g/work/secret/1", 0],
          ["$share/g/work/1/#", 0],
        ];
        browser.send(packets.subscribe({ level, filters }));
        const no = level === 5 ? 0x87 : 0x80;
        const { codes } = await browser.expect("suback");
        assert.deepEqual(codes, [no, no, no, no, 0]);
        browser.destroy();
      });

      if (level !== 5) return;

      test("a window of one is not filled by a refused message either", async () => {
        const more = { receiveMaximum: 1 };
        const watched = await open(await keeper("#"), { more });
        for (let i = 0; i < MANY; i++)
          await send("closed/x", "no", 1 + (i & 1));
        await send("open/x", "yes", 2);
        const message = await watched.browser.message();
        assert.equal(message.payload.toString(), "yes");
        watched.browser.destroy();
      });
    });
  }

  describe("asked for with a response topic (MQTT 5)", () => {
    const level = 5;
    const ask = (topic, responseTopic, options = {}) =>
      packets.publish({
        level,
        topic,
        properties: properties({ responseTopic, correlationData: "7" }),
        ...options,
      });

    const refuse = (name, topic, response) =>
      test(name, async () => {
        const watched = await Watched.open(plant, { level, target: "/rpc" });
        const { browser } = watched;
        browser.send(
          ask(topic, response),
          ask(topic, response, { qos: 1, id: 1 }),
          ask(topic, response, { qos: 2, id: 2 }),
        );
        const { up, down } = await watched.settle();
        assert.deepEqual(up, []);
        assert.deepEqual(brief(down), [
          ["puback", 1, 0x87],
          ["pubrec", 2, 0x87],
        ]);
        browser.destroy();
      });

    refuse("that it may not read is refused", "rpc/in", "closed/cmd");
    refuse("that it may only publish to is refused", "rpc/in", "rpc/in");
    refuse("of $share is refused", "rpc/in", "$share/g/rpc/out/1");
    refuse("is judged beside the topic, not for it", "closed", "rpc/out/1");

    test("that it may read passes as it is", async () => {
      const watched = await Watched.open(plant, { level, target: "/rpc" });
      const bytes = ask("rpc/in", "rpc/out/1", { qos: 1, id: 1 });
      watched.browser.send(bytes);
      const { up } = await watched.settle();
      assert.deepEqual(
        up.map((one) => one.bytes),
        [bytes],
      );
      watched.browser.destroy();
    });

    test("with a wildcard ends the session", async () => {
      for (const response of ["rpc/out/+", "#"]) {
        const watched = await Watched.open(plant, { level, target: "/rpc" });
        const { browser, link } = watched;
        const { up } = link;
        browser.send(ask("rpc/in", response));
        const { code, reason, packets: seen } = await browser.expectClose();
        assert.deepEqual(brief(seen), [["disconnect", null, 0x82]]);
        assert.deepEqual([code, reason], [1002, "protocol_error"]);
        await plant.wire.untilClosed({ link });
        assert.equal(link.up, up);
      }
    });
  });
});
