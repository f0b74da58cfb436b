// SPDX-License-Identifier: Apache-2.0
// Brokers that refuse for a while, talk rubbish, or hand a session to
// somebody else; and how long a session waits until it tries again.
import assert from "node:assert/strict";
import { describe, test } from "node:test";

import { jsonRoutes } from "./fixtures/config.mjs";
import * as packets from "./fixtures/packets.mjs";
import { VERSION_NAMES } from "./fixtures/packets.mjs";
import { VERSIONS } from "./fixtures/page.mjs";
import { Plant } from "./fixtures/plant.mjs";
import { until } from "./fixtures/wait.mjs";

const BACK = { deadline: 20000 }; // a reconnection waits for some seconds
const MOST_MS = 30000; // between two attempts
const SLACK_MS = 1000;

const RETRIED = { 5: [0x88, 0x89, 0x97, 0x9c, 0x9d, 0x80], 4: [3] };

const GARBAGE = {
  "an HTTP answer": Buffer.from("HTTP/1.1 400 Bad Request\r\n\r\n"),
  "a packet of type 0": Buffer.from("0000", "hex"),
  "a CONNECT": packets.connect(),
  "a length of 5 octets": Buffer.from("30ffffffff01", "hex"),
  "a PUBLISH of QoS 3": Buffer.from("36050001610001", "hex"),
  "a PUBLISH whose topic is longer than itself": Buffer.from(
    "3003001061",
    "hex",
  ),
};

for (const version of VERSIONS) {
  describe(`with ${VERSION_NAMES[version]}`, { concurrency: 6 }, () => {
    const target = `/json${version}`;
    const level = version;

    // A plant of its own; `script` may differ from connection to connection.
    async function withBroker(script, task) {
      let count = 0;
      const plant = await Plant.start({
        script: (link) => script(link, ++count),
        routes: jsonRoutes(),
      });
      try {
        await task(plant);
      } finally {
        await plant.stop();
      }
    }

    async function welcome(link) {
      link.connect = await link.next();
      link.write(packets.connack({ level }));
    }

    // Goes on for as long as the connection does.
    async function serve(link) {
      await welcome(link);
      for (;;) {
        const { type, id } = await link.next();
        if (type === "publish" && id) link.write(packets.puback(id));
        if (type === "pingreq") link.write(packets.pingresp());
      }
    }

    for (const code of RETRIED[version]) {
      test(`CONNACK ${code} is told and tried again`, () =>
        withBroker(
          async (link, count) => {
            if (count > 1) return serve(link);
            await link.next();
            link.end(packets.connack({ level, code }));
          },
          async (plant) => {
            const page = await plant.newPage({ target });
            await page.status("down");
            await page.connected(BACK);
            await page.publish("t", "x", { qos: 1 });
            await page.leave();
          },
        ));
    }

    for (const [name, bytes] of Object.entries(GARBAGE)) {
      test(`${name} in place of CONNACK is told and tried again`, () =>
        withBroker(
          async (link, count) => {
            if (count > 1) return serve(link);
            await link.next();
            link.write(bytes);
          },
          async (plant) => {
            const page = await plant.newPage({ target });
            const told = await page.frame("status");
            assert.notEqual(told.upstream, "up");
            await page.connected(BACK);
            await page.leave();
          },
        ));

      test(`${name} in the midst of a session is told, and it goes on`, () =>
        withBroker(
          (link) => serve(link),
          async (plant) => {
            const page = await plant.page({ target });
            plant.broker.links[0].write(bytes);
            const told = await page.frame("status");
            assert.notEqual(told.upstream, "up");
            await page.status("up", BACK);
            assert.equal(plant.broker.connections, 2);
            await page.publish("t", "x", { qos: 1 });
            await page.leave();
          },
        ));
    }

    test("a broker that closes before CONNACK is tried again", () =>
      withBroker(
        async (link, count) => {
          if (count > 1) return serve(link);
          await link.next();
          link.destroy();
        },
        async (plant) => {
          const page = await plant.newPage({ target });
          await page.status("down");
          await page.connected(BACK);
          await page.leave();
        },
      ));

    test("a broker that never answers CONNECT is left, and tried again", () =>
      withBroker(
        async (link, count) => {
          if (count > 1) return serve(link);
          await link.next();
        },
        async (plant) => {
          const page = await plant.newPage({ target });
          await page.frame("status", { deadline: 20000 });
          await page.connected({ deadline: 30000 });
          await page.leave();
        },
      ));

    test("a page may leave while CONNACK is not there", () =>
      withBroker(
        async (link) => {
          await link.next();
        },
        async (plant) => {
          const page = await plant.newPage({ target });
          await until(() => plant.broker.connections === 1);
          await page.leave();
          assert.equal((await page.expectClose()).code, 1000);
          const [link] = plant.broker.links;
          await link.untilEnded();
        },
      ));

    const UNKNOWN = { 5: [0x84, 1], 4: [1] }[version];
    for (const code of UNKNOWN) {
      test(`CONNACK ${code}, of a broker that knows no such MQTT, ends the session with advice`, () =>
        withBroker(
          async (link) => {
            await link.next();
            // The old ones answer in their own form, whatever was asked.
            const form = code === 1 ? 4 : level;
            link.end(packets.connack({ level: form, code }));
          },
          async (plant) => {
            const page = await plant.newPage({ target });
            const { code: end, reason } = await page.expectClose();
            assert.equal(`${end} ${reason}`, "4503 upstream_refused");
            const line = await plant.gateway.line(/session \S+ refused /);
            assert.match(line, new RegExp(` code=${code} .*mqtt_version`));
          },
        ));
    }

    test("the waits are random, grow, and are as long as was told", () =>
      withBroker(
        async (link) => {
          link.at = performance.now();
          await link.next();
          link.end(packets.connack({ level, code: version === 5 ? 0x88 : 3 }));
        },
        async (plant) => {
          const pages = await Promise.all(
            Array.from({ length: 12 }, () => plant.newPage({ target })),
          );
          const firsts = [];
          for (const page of pages) {
            const [first, second] = [
              await page.status("down", BACK),
              await page.status("down", BACK),
            ].map((one) => one.retry_in_ms);
            assert.ok(first >= 0 && first <= 2000, `first ${first}`);
            assert.ok(second >= 0 && second <= 4000, `second ${second}`);
            firsts.push(first);
          }
          assert.ok(new Set(firsts).size > 3, `random: ${firsts}`);

          for (const one of pages) one.destroy();
          const rest = () => plant.broker.links.filter((one) => !one.ended);
          await until(() => rest().length === 0, BACK);

          // One by itself: what it is told now is not of an attempt ago.
          const { connections } = plant.broker;
          const page = await plant.newPage({ target });
          await page.status("down", BACK);
          const { retry_in_ms } = await page.status("down", BACK);
          const told = performance.now();
          assert.ok(retry_in_ms <= MOST_MS);
          await until(() => plant.broker.connections >= connections + 3, {
            deadline: retry_in_ms + SLACK_MS,
            what: "the next attempt",
          });
          const waited = performance.now() - told;
          assert.ok(waited > retry_in_ms - SLACK_MS, `${waited} ms`);
          page.destroy();
        },
      ));

    test("subscriptions are asked for again on a new connection", () =>
      withBroker(
        async (link) => {
          await welcome(link);
          link.filters = [];
          for (;;) {
            const { type, id, filters } = await link.next();
            if (type !== "subscribe") continue;
            link.filters.push(...filters.map(([one, bits]) => [one, bits & 3]));
            const codes = filters.map(([, options]) => options & 3);
            link.write(packets.suback({ level, id, codes }));
          }
        },
        async (plant) => {
          const page = await plant.page({ target });
          await page.subscribe("a/+", { qos: 1 });
          await page.subscribe("b", { qos: 0 });
          plant.broker.links[0].destroy();
          await page.status("up", BACK);
          const wanted = [
            ["a/+", 1],
            ["b", 0],
          ];
          const [, link] = plant.broker.links;
          await until(() => link.filters.length >= 2, { what: "both of them" });
          assert.deepEqual([...link.filters].sort(), wanted);
          await page.leave();
        },
      ));

    if (version !== 5) return;

    test("a session that is taken over ends with 4409", () =>
      withBroker(
        (link) => serve(link),
        async (plant) => {
          const page = await plant.page({ target });
          const [link] = plant.broker.links;
          link.end(packets.disconnect({ level, code: 0x8e }));
          const { code, reason } = await page.expectClose();
          assert.deepEqual([code, reason], [4409, "taken_over"]);
          assert.equal(plant.broker.connections, 1);
        },
      ));

    test("any other DISCONNECT of the broker is a loss", () =>
      withBroker(
        (link) => serve(link),
        async (plant) => {
          const page = await plant.page({ target });
          const [link] = plant.broker.links;
          link.end(packets.disconnect({ level, code: 0x8b }));
          await page.status("up", BACK);
          assert.equal(plant.broker.connections, 2);
          await page.leave();
        },
      ));
  });
}
