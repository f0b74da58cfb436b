// SPDX-License-Identifier: Apache-2.0
// What users have, over wss and with certificates looked at, through all that
// may stand in front of the gateway: MQTT.js in a page in Chromium and in
// Node, Eclipse Paho for Python.
import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { after, afterEach, before, describe, test } from "node:test";
import { fileURLToPath } from "node:url";

import { Behind, WAYS } from "../flow/fixtures/behind.mjs";
import { makeCertificate } from "../flow/fixtures/certificate.mjs";
import { Client } from "../flow/fixtures/client.mjs";
import { mqttRoute } from "../flow/fixtures/config.mjs";
import { Folder } from "../flow/fixtures/folder.mjs";
import { Process } from "../flow/fixtures/process.mjs";
import { ALLOWED } from "../flow/fixtures/request.mjs";
import { until } from "../flow/fixtures/wait.mjs";
import * as chromium from "./fixtures/chromium.mjs";
import { Pages } from "./fixtures/pages.mjs";

const PYTHON = process.env.PYTHON ?? "/usr/bin/python3";
const SCRIPT = fileURLToPath(new URL("python_client.py", import.meta.url));
const LEVELS = [4, 5];
const DEADLINE_MS = 30000;

// Why there is no Paho for Python; false when there is.
function whyNoPaho() {
  const { status } = spawnSync(PYTHON, ["-c", "import paho.mqtt.client"]);
  return status === 0 ? false : `${PYTHON} has no paho.mqtt`;
}

let behind, folder, pages, stranger;

before(async () => {
  folder = await Folder.create();
  pages = await Pages.start();
  stranger = await makeCertificate(folder);
  // Paho's own Origin is https://localhost:PORT: "self", by public_urls.
  const origins = ["self", ALLOWED, pages.origin];
  behind = await Behind.start({ routes: [mqttRoute({ origins })] });
});
after(async () => {
  await behind?.stop();
  await pages?.stop();
  await folder?.remove();
});

const portOf = (name) => behind.way(WAYS[name].at).port;
const urlOf = (name) => `wss://localhost:${portOf(name)}/mqtt`;

async function isOpened(from, origin) {
  const line = await behind.gateway.line(/^session \S+ opened /, { from });
  assert.ok(line.includes(` origin=${origin} `), line);
}

describe("Node", () => {
  for (const [name, { title }] of Object.entries(WAYS)) {
    for (const level of LEVELS) {
      test(`MQTT.js ${level}: ${title}`, async () => {
        const { ca } = behind;
        const wsOptions = { ca };
        const client = await Client.open(urlOf(name), { level, wsOptions });
        await client.subscribe(`node/${name}`, 1);
        await client.publish(`node/${name}`, "hello", { qos: 1 });
        const { payload } = await client.message();
        assert.equal(payload.toString(), "hello");
        await client.end();
      });
    }

    test(`does not connect without the authority: ${title}`, async () => {
      const wrong = Client.open(urlOf(name));
      await assert.rejects(wrong, /certificate|closed before CONNACK/);
    });
  }
});

describe("Paho for Python", { skip: whyNoPaho() }, () => {
  // Its end, and what it said.
  async function run(name, level, authority = behind.authority) {
    const words = [SCRIPT, `${portOf(name)}`, authority, `${level}`, name];
    const paho = new Process(PYTHON, words, {
      stdio: ["ignore", "ignore", "pipe"],
    });
    const { code } = await paho.ended({ deadline: DEADLINE_MS });
    return { code, text: paho.text };
  }

  for (const [name, { title }] of Object.entries(WAYS)) {
    for (const level of LEVELS) {
      test(`MQTT ${level}: ${title}`, async () => {
        const from = behind.gateway.lines.length;
        const { code, text } = await run(name, level);
        assert.equal(code, 0, text);
        await isOpened(from, `https://localhost:${portOf(name)}`);
      });
    }

    test(`does not connect to what its authority has not signed: ${title}`, async () => {
      const { code, text } = await run(name, 4, stranger.authority);
      assert.notEqual(code, 0);
      assert.match(text, /CERTIFICATE_VERIFY_FAILED/);
    });
  }
});

describe("Chromium", { skip: chromium.skip, timeout: 180000 }, () => {
  let strict, trusting, page, answers;

  before(async () => {
    const home = await chromium.trusting(folder, behind.authority);
    trusting = await chromium.launch({ home });
    strict = await chromium.launch();
  });
  after(async () => {
    await trusting?.close();
    await strict?.close();
  });
  afterEach(() => page?.context().close());

  async function connect(browser, name, options = {}) {
    const verify = true;
    const tab = await chromium.openTab(browser, pages.origin, { verify });
    ({ page, answers } = tab);
    return page.evaluate(
      ([url, options]) => window.connect(url, options),
      [urlOf(name), options],
    );
  }

  for (const [name, { title }] of Object.entries(WAYS)) {
    for (const level of LEVELS) {
      test(`MQTT.js ${level} in a page: ${title}`, async () => {
        const from = behind.gateway.lines.length;
        assert.equal(await connect(trusting, name, { level }), "connected");
        assert.deepEqual(answers, [101]);
        await isOpened(from, pages.origin);
        await page.evaluate(async (topic) => {
          await window.client.subscribeAsync(topic, { qos: 1 });
          await window.client.publishAsync(topic, "hello", { qos: 1 });
        }, name);
        const heard = () => page.evaluate(() => window.inbox);
        const isHeard = async () => (await heard()).length > 0;
        await until(isHeard, { deadline: DEADLINE_MS, what: "a message" });
        assert.deepEqual(await heard(), [`${name} hello`]);
      });
    }

    test(`does not connect where nobody trusts the authority: ${title}`, async () => {
      assert.notEqual(await connect(strict, name), "connected");
      assert.deepEqual(answers, []);
    });
  }
});
