// SPDX-License-Identifier: Apache-2.0
// Clients that show a certificate are who it says; those that show a wrong
// one, or none where one is required, do not get in.
import assert from "node:assert/strict";
import { after, afterEach, before, describe, test } from "node:test";

import { Authority } from "./fixtures/authority.mjs";
import { Client } from "./fixtures/client.mjs";
import { jsonRoute, mqttRoute } from "./fixtures/config.mjs";
import { Folder } from "./fixtures/folder.mjs";
import { Guest } from "./fixtures/guest.mjs";
import { Operator } from "./fixtures/operator.mjs";
import { Page } from "./fixtures/page.mjs";
import { Plant } from "./fixtures/plant.mjs";
import { freePorts } from "./fixtures/ports.mjs";
import { until } from "./fixtures/wait.mjs";
import { handshake } from "./fixtures/websocket.mjs";

const RULES = [
  "allow sub,pub guest1", "allow sub,pub guest2",
  "allow sub,pub of/${user}", "allow sub,pub,retain gone/#",
];

describe("client certificates", () => {
  let folder, operator, servers, clients, plant, ports, anna;

  before(async () => {
    folder = await Folder.create();
    operator = await Operator.create();
    servers = await Authority.create(folder, "servers");
    clients = await Authority.create(folder, "clients");
    anna = await clients.client("/O=Plant/CN=anna");
    const [plain, required, optional] = await freePorts(3);
    ports = { plain, required, optional };
    const { certificate, key } = await servers.server(["localhost"]);
    const client_ca = clients.certificate;
    const tls = (client_certificate) => ({
      address: "127.0.0.1",
      port: ports[client_certificate],
      tls: { certificate, key, client_certificate, client_ca },
    });
    const client_id = "rewrite:${user}-${session}";
    const will = { topic: "gone/${user}", payload: "${user}" };
    const rewritten = { client_id, persistent: false, acl: "own" };
    plant = await Plant.start({
      admin: operator.setting,
      acls: [{ name: "own", rules: RULES }],
      listeners: [
        { address: "127.0.0.1", port: plain },
        tls("required"),
        tls("optional"),
      ],
      routes: [
        mqttRoute(),
        mqttRoute({ path: "/user", ...rewritten, audit: "publish" }),
        jsonRoute(),
        jsonRoute({ path: "/page", ...rewritten, will }),
      ],
    });
    plant.port = plain;
  });
  after(async () => {
    await plant?.stop();
    await operator?.remove();
    await folder?.remove();
  });
  afterEach(() => plant.unaffected());

  const way = (name, who = null) => ({
    port: ports[name],
    secure: { ca: servers.pem, ...who?.secure },
  });

  for (const kind of ["mqtt3", "mqtt4", "mqtt5", "json"]) {
    test(`${kind}: a session works, and has its user in the log`, async () => {
      const from = plant.gateway.lines.length;
      const guest = await Guest.open(kind, way("required", anna));
      await guest.hears();
      const opened = / opened user=anna .*tls=TLSv1\.3 /;
      await plant.gateway.line(opened, { from });
      guest.destroy();
      await plant.gateway.line(/ closed .*user=anna /, { from });
    });
  }

  for (const version of ["TLSv1.2", "TLSv1.3"]) {
    test(`MQTT.js gets in over ${version}`, async () => {
      const url = `wss://localhost:${ports.required}/mqtt`;
      const wsOptions = {
        ...way("required", anna).secure,
        minVersion: version,
        maxVersion: version,
      };
      const client = await Client.open(url, { level: 5, wsOptions });
      await client.subscribe("node", 1);
      await client.publish("node", "heard", { qos: 1 });
      assert.equal((await client.message()).payload.toString(), "heard");
      await client.end();
    });
  }

  test("the operator sees who it is", async () => {
    const guest = await Guest.open("mqtt5", way("optional", anna));
    const { lines } = plant.gateway;
    const local = lines.filter((one) => / opened user=anna /.test(one)).at(-1);
    const { 1: upstream } = /local=(\S+)/.exec(local);
    const who = await operator.ask("who", upstream);
    assert.match(who, /\banna\b/);
    guest.destroy();
  });

  test("the user is in client ids, rules, the audit and the will", async () => {
    const from = plant.gateway.lines.length;
    const browser = await plant.open({
      ...way("required", anna),
      target: "/user",
    });
    await browser.subscribe("of/anna");
    browser.publish("of/anna", "mine");
    assert.equal((await browser.message()).payload.toString(), "mine");
    await plant.gateway.line(/ opened .*client_id=anna-w/, { from });
    const audit = /^audit publish verdict=accepted .*user=anna /;
    await plant.gateway.line(audit, { from });
    browser.publish("of/bob", "not mine");
    const refused = /^audit publish verdict=refused .*user=anna .*of\/bob/;
    await plant.gateway.line(refused, { from });

    const page = await Page.open({ ...way("required", anna), target: "/page" });
    const hello = await page.connected();
    assert.equal(hello.user, "anna");
    assert.match(hello.client_id, /^anna-w/);
    const watcher = await plant.open();
    await watcher.subscribe("gone/anna");
    page.destroy();
    assert.equal((await watcher.message()).payload.toString(), "anna");
    browser.destroy();
  });

  test("the user name in CONNECT stays the client's own", async () => {
    const from = plant.gateway.lines.length;
    const session = { username: "carla", password: "p" };
    const guest = await plant.open({ ...way("required", anna), session });
    await plant.gateway.line(/ opened user=anna /, { from });
    await guest.leave();
    const other = await plant.open({ ...way("optional"), session });
    await plant.gateway.line(/ opened user=- /, { from });
    await other.leave();
    const plain = await plant.open({ session });
    await plant.gateway.line(/ opened user=carla /, { from });
    await plain.leave();
  });

  test("no certificate is fine where it is optional", async () => {
    const guest = await Guest.open("mqtt5", way("optional"));
    await guest.hears();
    guest.destroy();
  });

  test("a wrong certificate is refused where none would be fine", async () => {
    const strangers = await Authority.create(folder, "strangers");
    const wrong = [
      await strangers.client("/CN=anna"),
      await clients.client("/CN=anna", { from: -9, to: -1 }),
      await clients.client("/CN=anna", { from: 9, to: 19 }),
      await clients.client("/CN=anna", {
        extensions: "extendedKeyUsage=serverAuth\n",
      }),
    ];
    for (const who of wrong) {
      const answer = await handshake(way("optional", who)).catch(() => null);
      assert.ok(!answer || answer.status === 0, `status ${answer?.status}`);
      answer?.socket.destroy();
    }
  });

  test("who has none has no user: a client id of it is refused", async () => {
    const session = { username: "anna", password: "p" };
    const guest = await plant.arrive({ ...way("optional"), target: "/user" });
    guest.connect(session);
    const connack = await guest.expect("connack");
    assert.equal(connack.code, 2);
    const page = await plant.newPage({ ...way("optional"), target: "/page" });
    const end = await page.expectClose();
    assert.deepEqual([end.code, end.reason], [4403, "client_id"]);
  });

  for (const subject of ["/CN=#", "/CN=\\+", "/CN=a\\/b"]) {
    test(`${subject} is no wildcard in a rule`, async () => {
      const from = plant.gateway.lines.length;
      const who = await clients.client(subject);
      const guest = await plant.open({
        ...way("required", who),
        target: "/user",
        session: { clean: true },
      });
      guest.publish("of/anna", "as another");
      const refused = /verdict=refused .*topic=of\/anna/;
      await plant.gateway.line(refused, { from });
      guest.destroy();
    });
  }

  test("subjects that are no text, too long or empty are nobody", async () => {
    const from = plant.gateway.lines.length;
    const long = `/O=${"a".repeat(60)}`.repeat(5);
    const pattern = /^warning: handshake refused reason=tls .*is no user/;
    const isTold = () =>
      plant.gateway.lines.slice(from).some((one) => pattern.test(one));
    for (const subject of ["/CN=an\x01na", long, "/"]) {
      const who = await clients.client(subject);
      await until(async () => {
        const answer = await handshake(way("optional", who));
        answer.socket.destroy();
        assert.equal(answer.status, 400, subject);
        return isTold(); // not each one is
      });
    }
  });

  test("a subject without a CN is the user as a whole", async () => {
    const from = plant.gateway.lines.length;
    const who = await clients.client("/C=DE/O=Plant");
    const guest = await Guest.open("mqtt5", way("required", who));
    await plant.gateway.line(/ opened user="?O=Plant,C=DE"? /, { from });
    guest.destroy();
  });
});
