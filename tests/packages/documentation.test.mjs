// SPDX-License-Identifier: Apache-2.0
// What the pages of packaging/doc say is true, as far as a program can tell.
import assert from "node:assert/strict";
import { chmod } from "node:fs/promises";
import { after, before, describe, test } from "node:test";
import { Script } from "node:vm";

import { makeCertificate } from "../flow/fixtures/certificate.mjs";
import { postern } from "../flow/fixtures/command.mjs";
import { Folder } from "../flow/fixtures/folder.mjs";
import { readPages, tableOf } from "./fixtures/pages.mjs";
import {
  closeReasons,
  programText,
  settingNames,
} from "./fixtures/sources.mjs";

const INSTALLED = "/etc/postern/postern.conf"; // where a console block has it
const GENERATED = "settings.md"; // manual.test.mjs has it
// Words of other programs that stand between backticks.
const FOREIGN = new Set(
  `mosquitto_sub max_connections use_username_as_clientid http_dir
   proxy_http_version proxy_set_header proxy_add_x_forwarded_for
   http_host mod_wstunnel socket_domain`.split(/\s+/),
);
// Closed before there is HTTP, mostly.
const EARLY = new Set(["proxy_header", "tls"]);
const PUBLIC_URL = "https://plant.example.com"; // "self" in the origins table

const all = await readPages();
const pages = all.filter(({ name }) => name !== GENERATED);
const settings = await settingNames();
const program = await programText();
const pageOf = (name) => pages.find((page) => page.name === name);
const run = (words) => postern(words, { release: true });

let folder, files;

before(async () => {
  folder = await Folder.create();
  const made = await makeCertificate(folder);
  const password = await folder.write("password", "secret\n");
  await chmod(password, 0o640);
  await chmod(made.key, 0o640);
  files = {
    certificate: made.certificate,
    key: made.key,
    client_ca: made.authority,
    ca: made.authority,
    password_file: password,
  };
});
after(() => folder?.remove());

// Writes a configuration with files that are there; gives its path.
function install(name, text) {
  const replaced = text.replace(
    /\b(\w+) = "\/[^"]*"/g,
    (whole, setting) =>
      files[setting] ? `${setting} = "${files[setting]}"` : whole,
  );
  return folder.write(name, replaced);
}

describe("the index", () => {
  const index = pageOf("README.md");
  const others = pages.filter((page) => page !== index);

  for (const { name } of others) {
    test(`names ${name}`, () => assert.ok(index.links.includes(name)));
  }
});

for (const page of pages) {
  describe(page.name, () => {
    test("is US-ASCII, and ends with a line", () => {
      assert.match(page.text, /^[\n -~]*[^\n]\n$/);
    });

    test("links to pages that are there", () => {
      for (const link of page.links) {
        const [name] = link.split("#");
        assert.ok(all.some((page) => page.name === name), link);
      }
    });

    test("has no block of an unknown sort", () => {
      for (const { language } of page.blocks) {
        assert.ok(["libconfig", "console", "js"].includes(language), language);
      }
    });

    test("names settings and words that exist", () => {
      for (const code of page.codes) {
        const [, path] = /^([a-z_.0-9]+) = /.exec(code) ?? [];
        for (const name of path?.split(".") ?? []) {
          assert.ok(settings.has(name), `no setting: ${code}`);
        }
        for (const word of code.match(/\b[a-z0-9]+(_[a-z0-9]+)+\b/g) ?? []) {
          const isKnown =
            settings.has(word) || FOREIGN.has(word) || program.includes(word);
          assert.ok(isKnown, `nobody knows ${word} in ${code}`);
        }
      }
    });

    test("names commands that exist", async () => {
      const { out } = await run(["--help"]);
      for (const word of commandsIn(page)) {
        assert.match(out, new RegExp(`^\\s+(postern )?${word}\\b`, "m"));
      }
    });

    examplesOf(page);
  });
}

// Between backticks, and at the beginning of lines in blocks.
function commandsIn({ codes, text }) {
  const lines = text.match(/^(?: {4})?(?:\$ )?postern .*$/gm) ?? [];
  return [...codes, ...lines]
    .map((code) => /^\s*(?:\$ )?postern ([a-z-]+)/.exec(code)?.[1])
    .filter((word) => word);
}

// Each configuration is good, and `postern can` answers with it what the
// console blocks behind it say.
function examplesOf(page) {
  let count = 0;
  for (const { language, body } of page.blocks) {
    if (language === "libconfig") count++;
    const name = `${page.name}-${count}.conf`;
    if (language === "libconfig") {
      test(`configuration ${count} is good`, () => isGood(name, body));
    } else if (language === "js") {
      test(`a script behind configuration ${count} is JavaScript`, () => {
        new Script(body);
      });
    } else {
      test(`configuration ${count} answers as it says`, async () => {
        for (const question of questionsOf(body)) await answers(name, question);
      });
    }
  }
}

async function isGood(name, body) {
  const file = await install(name, body);
  const { code, err, out } = await run(["check", "-c", file]);
  assert.equal(code, 0, err);
  assert.doesNotMatch(err, /warning/);
  assert.match(out, /is good$/m);
}

function questionsOf(body) {
  const questions = [];
  for (const line of body.trimEnd().split("\n")) {
    if (line.startsWith("$ ")) questions.push({ line, answer: "" });
    else questions.at(-1).answer += `${line}\n`;
  }
  return questions;
}

async function answers(name, { line, answer }) {
  const [, program, command, ...words] = line.split(" ");
  assert.deepEqual([program, command], ["postern", "can"], line);
  const file = folder.at(name);
  const { code, out, err } = await run(["can", "-c", file, ...words]);
  const said = out.replaceAll(file, INSTALLED);
  assert.ok(said.startsWith(answer), `${line}\n${said}${err}`);
  assert.equal(code, answer.startsWith("allowed") ? 0 : 1, line);
}

describe("the table of origins", () => {
  for (const [[entry], good, bad] of tableOf(pageOf("security.md"), "entry")) {
    test(`${entry} lets in and keeps out what it says`, async () => {
      const file = await folder.write("origin.conf", originConfig(entry));
      assert.ok(good.length > 0 && bad.length > 0);
      for (const origin of [...good, ...bad]) {
        const words = ["--route", "/mqtt", "origin", origin];
        const { code, out, err } = await run(["can", "-c", file, ...words]);
        assert.equal(code, good.includes(origin) ? 0 : 1, out + err);
      }
    });
  }
});

function originConfig(entry) {
  return `
    listeners = ( { address = "127.0.0.1"; port = 8083;
                    public_urls = ["${PUBLIC_URL}"]; } );
    upstreams = ( { name = "plant"; servers = ["mqtt://127.0.0.1:1883"]; } );
    routes = ( { path = "/mqtt"; upstream = "plant"; origins = ["${entry}"];
                 allow_any_origin = true; } );`;
}

describe("troubleshooting", async () => {
  const { sections } = pageOf("troubleshooting.md");
  const part = sections.findIndex(({ title }) => title.startsWith("Part 2"));
  const next = sections.findIndex(({ title }) => title.startsWith("Part 3"));
  const reasons = await closeReasons();

  test("has every word of base/close.c, in its order, and no other", () => {
    const titles = sections.slice(part + 1, next).map(({ title }) => title);
    assert.ok(reasons.length > 40);
    assert.deepEqual(
      titles,
      reasons.map(({ word }) => `\`${word}\``),
    );
  });

  for (const reason of reasons) {
    test(`${reason.word}: says what the browser gets, and more`, () => {
      const title = `\`${reason.word}\``;
      const { body } = sections.find((section) => section.title === title);
      const [first, , ...more] = body.split("\n");
      assert.equal(first, `The browser gets: ${sightOf(reason)}.`);
      assert.ok(more.join("").length > 40, body);
    });
  }

  for (const { title } of sections.slice(next + 1)) {
    test(`${title} is a line that the program writes`, () => {
      const words = title.slice(1, -1).replace("session ID", "session %s");
      assert.match(title, /^`[^`]+`$/);
      assert.ok(program.includes(`"${words}"`), words);
    });
  }
});

// What a browser gets to see of a reason, as the page puts it.
function sightOf({ word, http, ...reason }) {
  const { mqtt_frame: mqtt, json_frame: json } = reason;
  const { connack5, connack3, disconnect5 } = reason;
  const parts = [];
  if (http) parts.push(`${EARLY.has(word) ? "no answer, or " : ""}HTTP ${http}`);
  if (mqtt && mqtt === json) parts.push(`close ${mqtt}`);
  else if (mqtt && json) parts.push(`close ${mqtt} (json: ${json})`);
  else if (mqtt) parts.push(`close ${mqtt} (mqtt only)`);
  else if (json) parts.push(`close ${json} (json only)`);
  if (connack5) {
    const before = connack3 ? `, ${connack3} before` : "";
    parts.push(`CONNACK ${connack5} in MQTT 5${before}`);
  }
  if (disconnect5) parts.push(`DISCONNECT ${disconnect5} in MQTT 5`);
  return parts.join("; ") || "nothing";
}
