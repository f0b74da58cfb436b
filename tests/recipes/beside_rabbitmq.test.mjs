// SPDX-License-Identifier: Apache-2.0
// config/examples/beside-rabbitmq: pages without a login, a broker that wants
// one and speaks MQTT 3.1.1 only.
import assert from "node:assert/strict";
import { chmod, readFile } from "node:fs/promises";
import { after, before, describe, test } from "node:test";

import { Client } from "../flow/fixtures/client.mjs";
import { expectHealthy } from "../flow/fixtures/doctor.mjs";
import { Page } from "../flow/fixtures/page.mjs";
import { freePorts } from "../flow/fixtures/ports.mjs";
import { consult, knock, STEPS } from "./fixtures/door.mjs";
import { skipUnlessHosts } from "./fixtures/hosts.mjs";
import { Rabbitmq, skipUnlessRabbitmq, user } from "./fixtures/rabbitmq.mjs";
import { DASH, HOST, Recipe, VISITOR } from "./fixtures/recipe.mjs";

const VHOST = "plant";
const PASSWORD = "tulip";
const PRESS = { username: `${VHOST}:press`, password: "iron" };
const MORE_THAN_RECEIVE_MAX = 25;

// What the commands of the recipe's README come to, and a machine beside it.
const WEB = {
  configure: "^mqtt-subscription-.*",
  write: String.raw`^(mqtt-subscription-.*|amq\.topic)$`,
  read: String.raw`^(mqtt-subscription-.*|amq\.topic)$`,
};
const TOPICS = {
  write: String.raw`^plant\.[^.]+\.note$`,
  read: String.raw`^plant\..*`,
};
const ALL = { configure: ".*", write: ".*", read: ".*" };
const DEFINITIONS = {
  vhosts: [{ name: VHOST }],
  users: [user("web", PASSWORD), user("press", PRESS.password)],
  permissions: [
    { user: "web", vhost: VHOST, ...WEB },
    { user: "press", vhost: VHOST, ...ALL },
  ],
  topic_permissions: [
    { user: "web", vhost: VHOST, exchange: "amq.topic", ...TOPICS },
  ],
};

describe("beside RabbitMQ", { skip: skipUnlessRabbitmq }, () => {
  let recipe, gateway, port, url, rabbitmq, broker, press, paths;

  before(async () => {
    recipe = await Recipe.create("beside-rabbitmq");
    const [gatewayPort, brokerPort, admin] = await freePorts(3);
    port = gatewayPort;
    url = `wss://${HOST}:${port}`;
    broker = `mqtt://127.0.0.1:${brokerPort}`;

    const text = await recipe.text("rabbitmq.conf", [
      [":1883", `:${brokerPort}`],
    ]);
    const definitions = DEFINITIONS;
    const start = { port: brokerPort, text, definitions };
    rabbitmq = await Rabbitmq.start(start);
    recipe.keep(rabbitmq);

    const password = await recipe.folder.write("password", `${PASSWORD}\n`);
    await chmod(password, 0o640);
    paths = [
      ...recipe.certificate,
      ["/etc/postern/rabbitmq.password", password],
    ];
    gateway = await recipe.start([
      ...paths,
      ["0.0.0.0", "127.0.0.1"],
      ["8084", `${port}`],
      [":1883", `:${brokerPort}`],
      [":9464", `:${admin}`],
    ]);
    press = await Client.open(broker, PRESS);
    await press.subscribe("plant/+/note", 1);
  });
  after(async () => {
    await press?.end();
    await recipe?.stop();
  });

  const openPage = () =>
    Page.open({
      port,
      host: `${HOST}:${port}`,
      secure: { ca: recipe.ca, servername: HOST },
      origin: DASH,
    });

  test("postern check says only that anybody may leave a note", async () => {
    const warnings = (await recipe.check(paths)).trimEnd().split("\n");
    assert.equal(warnings.length, 1, warnings.join("\n"));
    assert.match(warnings[0], /"allow pub plant\/\+\/note": on route "\/json"/);
  });

  test("the README gives the user just these rights", async () => {
    const readme = await readFile(recipe.path("README.md"), "utf8");
    for (const right of Object.values({ ...WEB, ...TOPICS })) {
      assert.ok(readme.includes(`'${right}'`), right);
    }
  });

  test("RabbitMQ lets nobody in without a login", async () => {
    await assert.rejects(Client.open(broker), /bad username or password/i);
  });

  test("a page without a login sees the plant", async () => {
    const page = await recipe.client(`${url}/mqtt`);
    await page.subscribe("plant/+/temperature", 1);
    const topic = "plant/press/temperature";
    await press.publish(topic, "21.5", { qos: 1 });
    const { payload } = await page.message();
    assert.equal(`${payload}`, "21.5");
    await page.end();

    const line = await gateway.line(/^session .* opened .* route=\/mqtt /);
    assert.match(line, new RegExp(` from=${VISITOR}:\\d+ origin=${DASH} `));
    assert.match(line, / client_id=web-w\d+-\d+ /);
  });

  test("it gets what is retained for the very topics that it names", async () => {
    const topic = "plant/mill/temperature";
    await press.publish(topic, "18", { qos: 1, retain: true });
    const page = await recipe.client(`${url}/mqtt`);
    await page.subscribe("plant/+/temperature", 1);
    await press.publish(topic, "19", { qos: 1 });
    assert.equal(`${(await page.message()).payload}`, "19");
    await page.subscribe(topic, 1);
    assert.equal(`${(await page.message()).payload}`, "18");
    await page.end();
  });

  test("it cannot publish there, nor see more", async () => {
    const page = await recipe.client(`${url}/mqtt`);
    await assert.rejects(page.subscribe("#"), /Unspecified error/);
    await page.publish("plant/press/note", "no", { qos: 1 });
    await gateway.line(/access denied operation=publish topic=plant\/press/);
    await page.end();
    assert.deepEqual(press.messages, []);
  });

  test("a page with nothing but a WebSocket leaves notes, of QoS 2 too", async () => {
    const page = await openPage();
    const payloads = [];
    for (let i = 0; i < MORE_THAN_RECEIVE_MAX; i++) {
      payloads.push(`note ${i}`);
    }
    for (const payload of payloads) {
      await page.publish("plant/press/note", payload, { qos: 2 });
    }
    const came = await press.take(payloads.length, { deadline: 10000 });
    assert.deepEqual(came.map(({ payload }) => `${payload}`), payloads);
    await page.refused(
      { type: "publish", topic: "plant/press/temperature", payload: "9" },
      135,
      "not_authorized",
    );
    await page.leave();
  });

  test("MQTT 5 is for RabbitMQ from 3.13 on", async () => {
    const said = / Starting RabbitMQ (\d+)\.(\d+)/.exec(rabbitmq.log);
    const [major, minor] = said.slice(1).map(Number);
    const come = recipe.client(`${url}/mqtt`, { level: 5 });
    if (major > 3 || minor >= 13) await (await come).end();
    else await assert.rejects(come, /closed/);
  });

  test("pages of other sites stay out", async () => {
    const origin = "https://foreign.example.net";
    for (const path of ["/mqtt", "/json"]) {
      assert.equal(await knock(recipe, url + path, { origin }), 403);
    }
    await gateway.line(/ reason=origin_unknown .* path=\/json /);
  });

  test("no log line has the password", () => {
    assert.ok(!gateway.lines.some((line) => line.includes(PASSWORD)));
  });

  test("postern doctor finds all well", { skip: skipUnlessHosts }, async () => {
    const topic = "plant/doctor/note";
    const words = ["--origin", DASH, "--topic", topic];
    expectHealthy(await consult(recipe, `${url}/json`, words), STEPS);
  });
});
