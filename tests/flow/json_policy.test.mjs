// SPDX-License-Identifier: Apache-2.0
// The policy of a route holds for json sessions as it does for MQTT: rights,
// read_only, the audit, what is delivered, and the gateway's own login.
import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";

import { Client } from "./fixtures/client.mjs";
import { jsonRoute, mqttRoute } from "./fixtures/config.mjs";
import { Folder } from "./fixtures/folder.mjs";
import { brokerLogins, passwordFile } from "./fixtures/logins.mjs";
import * as packets from "./fixtures/packets.mjs";
import { VERSION_NAMES } from "./fixtures/packets.mjs";
import { VERSIONS } from "./fixtures/page.mjs";
import { Plant } from "./fixtures/plant.mjs";
import { ALLOWED } from "./fixtures/request.mjs";
import { until } from "./fixtures/wait.mjs";

const MARK = "PAYLOAD-7d0c";
const QOS = [0, 1, 2];
const acls = [
  {
    name: "page",
    rules: [
      "allow pub,sub open/#",
      "allow retain open/kept/#",
      "deny pub open/secret/#",
    ],
  },
  { name: "generous", rules: ["allow pub,sub,retain #"] },
  { name: "reader", rules: ["allow sub open/#"] },
];

for (const version of VERSIONS) {
  describe(`with ${VERSION_NAMES[version]}`, () => {
    let plant, device, page, reader;

    const route = (path, changes) =>
      jsonRoute({ path, mqtt_version: version, ...changes });

    before(async () => {
      plant = await Plant.start({
        acls,
        routes: [
          mqttRoute(),
          route("/json", { acl: "page" }),
          route("/reader", { read_only: true, acl: "generous" }),
          route("/bare", { read_only: true }),
          route("/audit", { acl: "page", audit: "publish" }),
          route("/refused", { acl: "page", audit: "refused" }),
        ],
      });
      device = await Client.open(plant.brokerUrl);
      await device.subscribe("#", 2);
      page = await plant.page();
      reader = await plant.page({ target: "/reader" });
    });
    after(async () => {
      await page?.leave();
      await reader?.leave();
      await device?.end();
      await plant?.stop();
    });

    const publish = (topic, more = {}) => ({
      type: "publish",
      topic,
      payload: MARK,
      ...more,
    });

    // The device's own message is the first that it gets.
    async function nothingArrived() {
      await device.publish("fence", "x", { qos: 2 });
      assert.equal((await device.message()).topic, "fence");
    }

    for (const qos of QOS) {
      test(`QoS ${qos}: a publish that is allowed arrives`, async () => {
        await page.do(publish("open/a", { qos }));
        assert.equal((await device.message()).topic, "open/a");
      });

      test(`QoS ${qos}: a publish that is not is refused, and nothing arrives`, async () => {
        for (const topic of ["closed", "open/secret/a", "$SYS/a", "openly"]) {
          const bad = publish(topic, { qos });
          const error = await page.refused(bad, 135, "not_authorized");
          assert.equal(error.temporary, false);
        }
        await nothingArrived();
      });

      test(`QoS ${qos}: without an id it is refused without a word`, async () => {
        page.send(publish("closed", { qos }));
        await page.do(publish("open/a", { qos }));
        assert.equal((await device.message()).topic, "open/a");
        assert.deepEqual(await page.settle("ack"), []);
        await nothingArrived();
      });

      test(`QoS ${qos}: retain is a right of its own`, async () => {
        const kept = { qos, retain: true };
        await page.refused(publish("open/a", kept), 135, "not_authorized");
        await nothingArrived();
        await page.do(publish("open/kept/a", kept));
        assert.equal((await device.message()).topic, "open/kept/a");
      });

      for (const target of ["/reader", "/bare"]) {
        test(`QoS ${qos}: ${target} is read-only`, async () => {
          const one =
            target === "/reader" ? reader : await plant.page({ target });
          for (const retain of [false, true]) {
            const bad = publish("open/a", { qos, retain });
            await one.refused(bad, 135, "not_authorized");
          }
          await nothingArrived();
          await one.subscribe("down/a", { qos });
          await device.publish("down/a", "hello", { qos });
          assert.equal((await one.message()).payload, "hello");
          assert.equal((await device.message()).topic, "down/a");
        });
      }
    }

    test("refused and allowed ones among each other keep their answers", async () => {
      const ids = Array.from({ length: 60 }, (_, i) =>
        page.start(publish(i % 2 ? "closed" : `open/${i}`, { qos: i % 3 })),
      );
      for (const [i, id] of ids.entries()) {
        const answer = await page.answer(id);
        assert.equal(answer.success, i % 2 === 0, answer.text);
      }
      for (let i = 0; i < 30; i++) await device.message();
      await nothingArrived();
    });

    const audits = (session) =>
      plant.gateway.lines.filter(
        (line) =>
          line.startsWith("audit publish ") &&
          line.includes(` session=${session} `),
      );

    for (const target of ["/audit", "/refused"]) {
      test(`${target} has its lines in the log`, async () => {
        const audited = await plant.page({ target });
        const { session } = await audited.connected();
        for (const qos of QOS) {
          await audited.do(publish("open/a", { qos }));
          await device.message();
          const bad = { qos, retain: true };
          await audited.refused(publish('closed/"', bad), 135);
        }
        await audited.leave();
        const closed = new RegExp(`^session ${session} closed`);
        await plant.gateway.line(closed);
        const size = `size=${MARK.length}`;
        const accepted = QOS.map(
          (qos) => ` topic="?open/a"? qos=${qos} retain=false ${size}$`,
        );
        const refused = QOS.map(
          (qos) => ` topic="closed/\\\\"" qos=${qos} retain=true ${size}$`,
        );
        const wanted = QOS.flatMap((qos) => [
          ...(target === "/audit" ? [`verdict=accepted .*${accepted[qos]}`] : []),
          `verdict=refused .*${refused[qos]}`,
        ]);
        const lines = audits(session);
        assert.equal(lines.length, wanted.length, lines.join("\n"));
        for (const [i, line] of lines.entries()) {
          assert.match(line, new RegExp(wanted[i]));
          assert.match(line, new RegExp(` origin="?${ALLOWED}"? `));
          assert.match(line, / from="?127\.0\.0\.1:\d+"? /);
        }
      });
    }

    test("no payload is anywhere in the log", () => {
      const said = plant.gateway.lines.filter((line) => line.includes(MARK));
      assert.deepEqual(said, []);
    });
  });

  describe(`a broker that delivers what it must not, with ${VERSION_NAMES[version]}`, () => {
    let plant;

    before(async () => {
      plant = await Plant.start({
        script,
        acls,
        routes: [jsonRoute({ acl: "reader", mqtt_version: version })],
      });
    });
    after(() => plant?.stop());

    const level = version;
    const down = (topic, qos, id) =>
      packets.publish({ level, topic, payload: MARK, qos, id });

    async function script(link) {
      link.seen = [];
      await link.next();
      link.write(packets.connack({ level }));
      for (;;) {
        const packet = await link.next();
        link.seen.push([packet.type, packet.id ?? null]);
        if (packet.type === "pubrec") {
          link.write(packets.pubrel(packet.id));
        }
        if (packet.type !== "subscribe") continue;
        const codes = packet.filters.map(() => 2);
        link.write(packets.suback({ level, id: packet.id, codes }));
        link.write(down("closed/0", 0));
        link.write(down("closed/1", 1, 11));
        link.write(down("closed/2", 2, 12));
        link.write(down("open/a", 1, 13));
      }
    }

    test("is answered, and the page gets only what it may", async () => {
      const page = await plant.page();
      await page.subscribe("open/#", { qos: 2 });
      assert.equal((await page.message()).topic, "open/a");
      assert.deepEqual(await page.settle(), []);
      const [link] = plant.broker.links;
      const isAnswered = (type, id) =>
        link.seen.some((one) => one[0] === type && one[1] === id);
      const all = () => isAnswered("puback", 13) && isAnswered("pubcomp", 12);
      await until(all).catch(() => {});
      for (const one of [["puback", 11], ["pubcomp", 12], ["puback", 13]]) {
        assert.ok(isAnswered(...one), `${one}: ${JSON.stringify(link.seen)}`);
      }
      await page.leave();
    });
  });
}

describe("a login that the gateway injects", () => {
  const PASSWORD = "s3cret-of-the-gateway";
  let plant, folder;

  before(async () => {
    folder = await Folder.create();
    const settings = await brokerLogins(folder, { web: PASSWORD });
    const password_file = await passwordFile(folder, "password", PASSWORD);
    const broker = { anonymous: false, settings };
    const route = { acl: "page", anonymous: true };
    plant = await Plant.start({
      broker,
      acls,
      upstream: { username: "web", password_file, inject: true },
      routes: VERSIONS.map((version) =>
        jsonRoute({ path: `/json${version}`, mqtt_version: version, ...route }),
      ),
    });
  });
  after(async () => {
    await plant?.stop();
    await folder?.remove();
  });

  for (const version of VERSIONS) {
    test(`${VERSION_NAMES[version]}: opens the broker to a page that has none`, async () => {
      const page = await plant.page({ target: `/json${version}` });
      const { client_id, user } = await page.connected();
      assert.equal(user, undefined);
      await plant.broker.line(
        new RegExp(`New client connected from .* as ${client_id} .*u'web'`),
      );
      await page.subscribe("open/a", { qos: 1 });
      await page.publish("open/a", "hello", { qos: 1 });
      assert.equal((await page.message()).payload, "hello");
      const told = plant.gateway.lines.some((x) => x.includes(PASSWORD));
      assert.equal(told, false);
      await page.leave();
    });
  }
});
