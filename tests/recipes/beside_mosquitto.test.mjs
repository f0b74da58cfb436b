// SPDX-License-Identifier: Apache-2.0
// config/examples/beside-mosquitto: TLS and rights for the web, and a broker
// that stays as it is.
import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { after, before, test } from "node:test";

import { Client } from "../flow/fixtures/client.mjs";
import { postern } from "../flow/fixtures/command.mjs";
import { expectHealthy } from "../flow/fixtures/doctor.mjs";
import { freePorts } from "../flow/fixtures/ports.mjs";
import { consult, knock, STEPS } from "./fixtures/door.mjs";
import { skipUnlessHosts } from "./fixtures/hosts.mjs";
import { Program } from "./fixtures/program.mjs";
import { DASH, HOST, Recipe, VISITOR } from "./fixtures/recipe.mjs";

const OPERATOR = "https://operator.example.com";
const FOREIGN = "https://foreign.example.net";
const NOT_AUTHORISED = { code: 135 };
const ANNA = { username: "anna", password: "tulip" };

let recipe, gateway, url, broker, press;

before(async () => {
  recipe = await Recipe.create("beside-mosquitto");
  const [port, brokerPort, admin] = await freePorts(3);
  url = `wss://${HOST}:${port}`;
  broker = `mqtt://127.0.0.1:${brokerPort}`;

  const passwords = recipe.folder.at("passwd");
  const login = Object.values(ANNA);
  execFileSync("mosquitto_passwd", ["-b", "-c", passwords, ...login]);
  const mosquitto = await recipe.text("mosquitto.conf", [
    ["listener 1883", `listener ${brokerPort}`],
    ["/etc/mosquitto/passwd", passwords],
  ]);
  const { folder } = recipe;
  recipe.keep(await Program.mosquitto(folder, mosquitto, brokerPort));
  gateway = await recipe.start([
    ...recipe.certificate,
    ["0.0.0.0", "127.0.0.1"],
    ["8084", `${port}`],
    [":1883", `:${brokerPort}`],
    [":9464", `:${admin}`],
  ]);
  press = await Client.open(broker, ANNA);
});
after(async () => {
  await press?.end();
  await recipe?.stop();
});

const operator = (options) =>
  recipe.client(`${url}/operator`, {
    origin: OPERATOR,
    level: 5,
    ...ANNA,
    ...options,
  });
const dashboard = () =>
  recipe.client(`${url}/dashboard`, { level: 5, ...ANNA });

test("postern check finds nothing wrong with the file", async () => {
  assert.equal(await recipe.check(recipe.certificate), "");
});

test("an operator sets a machine, and the log says who it was", async () => {
  await press.subscribe("plant/press/set", 1);
  const anna = await operator();
  await anna.publish("plant/press/set", "on", { qos: 1 });
  const { payload } = await press.message();
  assert.equal(`${payload}`, "on");

  const line = await gateway.line(/^session .* opened .* route=\/operator /);
  assert.match(line, new RegExp(` from=${VISITOR}:\\d+ origin=${OPERATOR} `));
  assert.match(line, / user=anna /);
  const audit = await gateway.line(/^audit publish verdict=accepted /);
  assert.match(audit, / user=anna .* topic=plant\/press\/set /);
  await anna.end();
});

test("an operator publishes nothing else", async () => {
  const anna = await operator();
  const refused = anna.publish("plant/press/temperature", "9", { qos: 1 });
  await assert.rejects(refused, NOT_AUTHORISED);
  await gateway.line(/^audit publish verdict=refused .*\/temperature /);
  await anna.end();
});

test("a screen shows what is named in its rules, and nothing else", async () => {
  const screen = await dashboard();
  await screen.subscribe("plant/+/temperature", 1);
  await press.publish("plant/press/temperature", "21.5", { qos: 1 });
  const { topic, payload } = await screen.message();
  assert.equal(`${topic} ${payload}`, "plant/press/temperature 21.5");
  for (const filter of ["plant/#", "plant/press/set", "$SYS/#"]) {
    await assert.rejects(screen.subscribe(filter), /Not authorized/);
  }
  await screen.end();
});

test("a screen cannot publish", async () => {
  const screen = await dashboard();
  const refused = screen.publish("plant/press/set", "off", { qos: 1 });
  await assert.rejects(refused, NOT_AUTHORISED);
  await screen.end();
});

test("whoever has no login of mosquitto's does not come in", async () => {
  const wrong = { username: "anna", password: "rose" };
  await assert.rejects(operator(wrong), /not authorized|Bad User Name/i);
  await assert.rejects(Client.open(broker, wrong), /not authorized/i);
  await gateway.line(/^session .* closed reason=(bad_login|not_authorised) /);
});

test("pages of other sites stay out", async () => {
  for (const origin of [FOREIGN, OPERATOR, null]) {
    const status = await knock(recipe, `${url}/dashboard`, { origin });
    assert.equal(status, 403, `${origin}`);
  }
  const line = await gateway.line(/ reason=origin_unknown /);
  assert.match(line, new RegExp(` from=${VISITOR}:.* origin=${FOREIGN} `));
});

test("postern can says what the page may", async () => {
  const file = gateway.file;
  const can = async (...words) => {
    const { code } = await postern(["can", "-c", file, ...words]);
    return code;
  };
  const set = ["publish", "plant/press/set"];
  assert.equal(await can("--route", "/operator", ...set), 0);
  assert.equal(await can("--route", "/dashboard", ...set), 1);
  const page = ["--route", "/dashboard", "origin"];
  assert.equal(await can(...page, DASH), 0);
  assert.equal(await can(...page, FOREIGN), 1);
});

test("postern doctor finds all well", { skip: skipUnlessHosts }, async () => {
  const file = await recipe.folder.write("anna.password", ANNA.password);
  const visited = await consult(recipe, `${url}/operator`, [
    ...["--origin", OPERATOR, "--topic", "plant/doctor/set"],
    ...["--user", ANNA.username, "--password-file", file],
  ]);
  expectHealthy(visited, STEPS);
});
