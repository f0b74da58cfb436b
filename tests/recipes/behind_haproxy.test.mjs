// SPDX-License-Identifier: Apache-2.0
// config/examples/behind-haproxy: HAProxy passes TLS on, and a PROXY header
// tells the gateway who the client is.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import tls from "node:tls";

import { Broker } from "../flow/fixtures/broker.mjs";
import { expectHealthy } from "../flow/fixtures/doctor.mjs";
import { freePorts } from "../flow/fixtures/ports.mjs";
import { until, within } from "../flow/fixtures/wait.mjs";
import { consult, knock, STEPS } from "./fixtures/door.mjs";
import { skipUnlessHosts } from "./fixtures/hosts.mjs";
import { Program } from "./fixtures/program.mjs";
import { DASH, HOST, Recipe, VISITOR } from "./fixtures/recipe.mjs";

const FOREIGN = "https://foreign.example.net";
const MOST = 50; // connections_per_address
const NEIGHBOUR = "127.0.0.78";

let recipe, gateway, url, inner;

before(async () => {
  recipe = await Recipe.create("behind-haproxy");
  const broker = recipe.keep(await Broker.start());
  const [port, inside, admin] = await freePorts(3);
  url = `wss://${HOST}:${port}/mqtt`;
  inner = inside;
  gateway = await recipe.start([
    ...recipe.certificate,
    [`https://${HOST}`, `https://${HOST}:${port}`],
    ["8084", `${inside}`],
    [":1883", `:${broker.port}`],
    [":9464", `:${admin}`],
  ]);
  const proxy = await recipe.text("haproxy.cfg", [
    ["bind :443", `bind 127.0.0.1:${port}`],
    ["127.0.0.1:8084", `127.0.0.1:${inside}`],
    ["/dev/log", "127.0.0.1:9"], // nobody reads it
  ]);
  recipe.keep(await Program.haproxy(recipe.folder, proxy, port));
});
after(() => recipe?.stop());

// A connection and no more.
async function connect(options) {
  const { port } = new URL(url);
  const { ca } = recipe;
  const socket = tls.connect({ port, ca, servername: HOST, ...options });
  socket.on("error", () => {}); // it is closed then
  await new Promise((resolve) => {
    socket.once("secureConnect", resolve);
    socket.once("close", resolve);
  });
  return socket;
}

test("postern check finds nothing wrong with the file", async () => {
  assert.equal(await recipe.check(recipe.certificate), "");
});

for (const level of [4, 5]) {
  test(`MQTT.js ${level} gets its own note, and the log has its address`, async () => {
    const from = gateway.lines.length;
    const page = await recipe.client(url, { level });
    await page.subscribe("plant/#", 1);
    await page.publish("plant/press/note", "oil is low", { qos: 1 });
    const { payload } = await page.message();
    assert.equal(`${payload}`, "oil is low");
    await page.end();

    const line = await gateway.line(/^session .* opened /, { from });
    assert.match(line, new RegExp(` from=${VISITOR}:\\d+ origin=${DASH} `));
    assert.match(line, / tls=TLSv1\.3 /);
  });
}

test("what no rule names is refused", async () => {
  const page = await recipe.client(url, { level: 5 });
  const refused = page.publish("plant/press/set", "on", { qos: 1 });
  await assert.rejects(refused, { code: 135 });
  await assert.rejects(page.subscribe("#"), /Not authorized/);
  await page.end();
});

test("pages of other sites stay out", async () => {
  assert.equal(await knock(recipe, url, { origin: FOREIGN }), 403);
  assert.equal(await knock(recipe, url), 403);
  await gateway.line(new RegExp(`origin_unknown from=${VISITOR}:`));
});

test("who comes past HAProxy is closed", async () => {
  const straight = new URL(url);
  straight.port = inner;
  await assert.rejects(knock(recipe, `${straight}`, { origin: DASH }));
  await gateway.line(/ reason=proxy_header /);
});

test("one client may not have all connections, and takes no others'", async () => {
  const guests = [];
  const localAddress = NEIGHBOUR;
  const isOver = () => gateway.lines.some((x) => x.includes("address_limit"));
  try {
    while (guests.length <= MOST) guests.push(await connect({ localAddress }));
    await until(isOver, { what: "the limit is reached" });
    assert.equal(await knock(recipe, url, { origin: DASH }), 101);
  } finally {
    for (const guest of guests) guest.destroy();
  }
});

test("postern doctor finds all well", { skip: skipUnlessHosts }, async () => {
  const words = ["--origin", DASH, "--topic", "plant/doctor/note"];
  expectHealthy(await consult(recipe, url, words), STEPS);
});
