// SPDX-License-Identifier: Apache-2.0
// config/examples/behind-nginx: nginx ends TLS and serves the page, whose
// WebSocket has the same origin.
import assert from "node:assert/strict";
import { mkdir, stat } from "node:fs/promises";
import { after, before, describe, test } from "node:test";

import * as chromium from "../clients/fixtures/chromium.mjs";
import { Broker } from "../flow/fixtures/broker.mjs";
import { Client } from "../flow/fixtures/client.mjs";
import { expectHealthy } from "../flow/fixtures/doctor.mjs";
import { freePorts } from "../flow/fixtures/ports.mjs";
import { until } from "../flow/fixtures/wait.mjs";
import { consult, knock, STEPS } from "./fixtures/door.mjs";
import { skipUnlessHosts } from "./fixtures/hosts.mjs";
import { Program } from "./fixtures/program.mjs";
import { HOST, Recipe, VISITOR } from "./fixtures/recipe.mjs";

const FOREIGN = "https://foreign.example.net";
const RIGHTS = 0o777;
const LONG_MS = 30000; // for Chromium

let recipe, gateway, origin, url, socket, machine;

before(async () => {
  recipe = await Recipe.create("behind-nginx");
  const { folder, server } = recipe;
  const broker = recipe.keep(await Broker.start());
  const [port, admin] = await freePorts(2);
  origin = `https://${HOST}:${port}`;
  url = `wss://${HOST}:${port}`;
  socket = folder.at("ws.sock");

  gateway = await recipe.start([
    ["/run/postern/ws.sock", socket],
    [`https://${HOST}`, origin],
    [":1883", `:${broker.port}`],
    [":9464", `:${admin}`],
  ]);
  await mkdir(folder.at("pages"));
  for (const file of ["index.html", "page.js"]) {
    await recipe.copy(file, folder.at(`pages/${file}`));
  }
  const site = await recipe.text("nginx.conf", [
    ["listen 443", `listen 127.0.0.1:${port}`],
    [`/etc/ssl/${HOST}.pem`, server.certificate],
    [`/etc/ssl/private/${HOST}.key`, server.key],
    ["/var/www/plant", folder.at("pages")],
    ["/run/postern/ws.sock", socket],
  ]);
  recipe.keep(await Program.nginx(folder, site, port));
  machine = await Client.open(`mqtt://127.0.0.1:${broker.port}`);
  await machine.subscribe("plant/+/note", 1);
});
after(async () => {
  await machine?.end();
  await recipe?.stop();
});

const publish = (value) =>
  machine.publish("plant/press/temperature", value, { qos: 1, retain: true });

test("postern check finds nothing wrong with the file", async () => {
  assert.equal(await recipe.check([]), "");
});

test("the socket is for postern and its group only", async () => {
  const { mode } = await stat(socket);
  assert.equal(mode & RIGHTS, 0o660);
});

describe("the page in Chromium", { skip: chromium.skip }, () => {
  let browser, page, answers;

  before(async () => {
    const { folder, authority } = recipe;
    const home = await chromium.trusting(folder, authority);
    browser = await chromium.launch({ home, hosts: [HOST] });
    const tab = await chromium.openTab(browser, origin, { verify: true });
    ({ page, answers } = tab);
  });
  after(() => browser?.close());

  const shows = (text) => {
    const isShown = async () => (await page.innerText("body")).includes(text);
    return until(isShown, { deadline: LONG_MS, what: `the page shows ${text}` });
  };

  test("connects to where it came from", async () => {
    await shows("Broker: up");
    assert.deepEqual(answers, [101]);
    const line = await gateway.line(/^session .* opened .* route=\/json /);
    assert.ok(line.includes(` from=127.0.0.1 origin=${origin} `), line);
  });

  test("shows what the machine says", async () => {
    await publish("21.5");
    await shows("21.5");
    await publish("22.0");
    await shows("22.0");
  });

  test("leaves a note", async () => {
    await page.fill("input[name=text]", "oil is low");
    await page.click("button");
    const { topic, payload } = await machine.message({ deadline: LONG_MS });
    assert.equal(`${topic} ${payload}`, "plant/press/note oil is low");
    await shows("sent");
  });

  test("says why a note is refused", async () => {
    await page.fill("input[name=machine]", "press/inside");
    await page.fill("input[name=text]", "no");
    await page.click("button");
    await shows("not allowed");
  });
});

test("MQTT.js reads the plant, and the log has the address of its machine", async () => {
  await publish("23.5");
  const from = gateway.lines.length;
  const page = await recipe.client(`${url}/mqtt`, {
    origin,
    wsOptions: {
      ...recipe.options,
      headers: { "X-Forwarded-For": "203.0.113.9" }, // its own word
    },
  });
  await page.subscribe("plant/+/temperature", 1);
  const { payload } = await page.message();
  assert.equal(`${payload}`, "23.5");
  await page.publish("plant/press/note", "no", { qos: 1 });
  await gateway.line(/access denied operation=publish .* route=\/mqtt/);
  await page.end();

  const line = await gateway.line(/^session .* opened /, { from });
  assert.ok(line.includes(` from=${VISITOR} origin=${origin} `), line);
  assert.deepEqual(machine.messages, []);
});

test("pages of other sites stay out", async () => {
  for (const path of ["/json", "/mqtt"]) {
    for (const other of [FOREIGN, null]) {
      assert.equal(await knock(recipe, url + path, { origin: other }), 403);
    }
  }
  await gateway.line(new RegExp(`origin_unknown from=${VISITOR} `));
});

test("postern doctor finds all well", { skip: skipUnlessHosts }, async () => {
  const topic = "plant/doctor/note";
  const words = ["--origin", origin, "--topic", topic];
  expectHealthy(await consult(recipe, `${url}/json`, words), STEPS);
});
