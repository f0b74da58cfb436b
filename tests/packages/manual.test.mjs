// SPDX-License-Identifier: Apache-2.0
// The manual pages say of each setting, command and option what is so.
import assert from "node:assert/strict";
import { readFile, readdir } from "node:fs/promises";
import { after, before, describe, test } from "node:test";

import { postern } from "../flow/fixtures/command.mjs";
import { around } from "./fixtures/around.mjs";
import { Etc } from "./fixtures/etc.mjs";
import { Page, complaints } from "./fixtures/page.mjs";
import { readPrinted } from "./fixtures/printed.mjs";
import { initialOn, readSettings } from "./fixtures/settings.mjs";

const GATEWAY = new URL("../../gateway/", import.meta.url);
const KINDS = ["mqtt", "json", "channel"];
const UNITS = [
  [/_ms$/, " of milliseconds"],
  [/_per_s_per_address$/, " per second and address"],
  [/_per_address$/, " per address"],
  [/_per_s$/, " per second"],
  [/_s$/, " of seconds"],
  [/_bytes$/, " of bytes"],
  [/$/, ""],
];
// Warnings of what an example lets in because it has to.
const OPEN = [
  /origins: "\*" lets in every page/,
  /absent: "allow" lets in every program/,
  /anyone who can reach this port may publish/,
];

let etc, page, settings, program;

before(async () => {
  etc = await Etc.create();
  page = await Page.open("postern.conf.5");
  program = await Page.open("postern.1");
  settings = readSettings(page);
});
after(() => etc?.remove());

function setting(place) {
  return settings.find((one) => one.place === place);
}

function run(words) {
  return postern(words, { release: true });
}

async function check(name, text) {
  const { code, err } = await run(["check", "-c", await etc.write(name, text)]);
  return { code, err: `${err}\nin\n${text}` };
}

describe("pages", () => {
  for (const name of ["postern.1", "postern.conf.5"]) {
    test(`${name} gives groff nothing to complain of`, async () => {
      const { file } = await Page.open(name);
      assert.equal(await complaints(file), "");
    });
  }
});

describe("postern.conf(5)", () => {
  test("has every entry of the table exactly once", async () => {
    const entries = await namesInTable();
    assert.ok(entries.length > 90, `${entries.length} in the table`);
    const names = settings.map(({ place }) => nameOf(place).replace("[]", ""));
    assert.deepEqual(names.sort(), entries.sort());
    const places = settings.map(({ place }) => place);
    assert.deepEqual(places, [...new Set(places)]);
  });

  test("has a type, a default and an example of each", () => {
    for (const { place, help, type, initial, example } of settings) {
      assert.match(help, /^\S.+\.$/, place);
      assert.ok(type, `${place}: type`);
      assert.ok(initial !== undefined, `${place}: default`);
      assert.ok(example, `${place}: example`);
    }
  });

  test("has the type of what print-config prints", async () => {
    for (const { place, value } of await printAll()) {
      const { type } = setting(place);
      if (type.startsWith("one of ")) assert.ok(type.includes(value), place);
      else assert.match(type, typeOf(nameOf(place), value), place);
    }
  });

  test("has the defaults that print-config prints", async () => {
    const told = new Set();
    for (const { place, value, route, isWritten } of await printAll()) {
      if (isWritten) continue;
      assert.equal(initialOn(setting(place), route.kind), value, place);
      told.add(place);
    }
    for (const { place, initial, type } of settings) {
      if (initial === null || initial === "none" || type.includes("group")) continue;
      assert.ok(told.has(place), `${place}: ${initial} is printed nowhere`);
    }
    assert.ok(told.size > 50, `${told.size} defaults`);
  });

  test("has no default of what print-config leaves out", async () => {
    const printed = await printAll();
    for (const { place, initial } of settings) {
      if (initial !== "none") continue;
      const found = printed.filter((one) => one.place === place && !one.isWritten);
      assert.deepEqual(found, [], place);
    }
  });

  test("requires what check misses, and nothing else", async () => {
    await inLanes(settings, async ({ place, initial, type }) => {
      if (!place.includes(".") || type.includes("group")) return;
      const text = around({ place, text: "", kind: "json" });
      const name = nameOf(place);
      const without = text.replace(new RegExp(`^${name} = .*\n`, "gm"), "");
      if (without === text) {
        assert.notEqual(initial, null, `${place}: nothing else here needs it`);
        return;
      }
      const { err } = await check(`without.${place}.conf`, without);
      const isMissed = err.includes(`wants "${name}"`);
      assert.equal(isMissed, initial === null, `${place}: ${err}`);
    });
  });

  test("has examples that check takes, each where it belongs", async () => {
    await inLanes(settings, async ({ place, example: text, kinds }) => {
      const kind = kinds?.at(-1);
      const { code, err } = await check(`${place}.conf`, around({ place, text, kind }));
      assert.equal(code, 0, `${place}: ${err}`);
      const warnings = err.match(/^.*: warning: .*$/gm) ?? [];
      for (const warning of warnings) {
        assert.ok(OPEN.some((line) => line.test(warning)), `${place}: ${warning}`);
      }
    });
  });

  test("has examples that are not the default", () => {
    for (const { place, initial, example } of settings) {
      assert.ok(!example.includes(`${nameOf(place)} = ${initial};`), place);
    }
  });

  test("says of which kinds of route a setting is", async () => {
    for (const { place, example: text, kinds } of settings) {
      for (const kind of KINDS) {
        if (!kinds || kinds.includes(kind)) continue;
        const { code, err } = await check("kind.conf", around({ place, text, kind }));
        assert.equal(code, 78, `${place} on ${kind}`);
        assert.match(err, /is for routes of kind/);
      }
    }
  });

  test("has whole configurations that check takes", async () => {
    const texts = ["DESCRIPTION", "EXAMPLES"]
      .flatMap((heading) => page.literals(heading))
      .filter((text) => text.startsWith("listeners = "));
    assert.equal(texts.length, 4);
    await inLanes(texts, async (text) => {
      const { code, err } = await check(`${texts.indexOf(text)}.conf`, text);
      assert.equal(code, 0, err);
    });
  });
});

describe("postern(1)", () => {
  test("has every command, with the options that its help has", async () => {
    const { out } = await run(["--help"]);
    const commands = [...out.matchAll(/^ {2}postern ([a-z][a-z-]*) /gm)].map((x) => x[1]);
    assert.ok(commands.length >= 9, out);
    for (const command of commands) {
      const help = (await run([command, "--help"])).out;
      const told = program.part(command);
      for (const [word] of help.matchAll(/(?<=[\s[|])(?:-c|--[a-z-]+)\b/g)) {
        assert.match(told, new RegExp(`^(?:.*, )?${word}\\b`, "m"), `${command} ${word}`);
      }
    }
  });

  test("has no option that no help has", async () => {
    for (const command of ["serve", "check", "can", "status", "who", "drain", "doctor"]) {
      const help = (await run([command, "--help"])).out;
      for (const [word] of program.part(command).matchAll(/^(?:-c|--[a-z-]+)/gm)) {
        assert.ok(help.includes(word), `${command} ${word}`);
      }
    }
  });

  test("has the words of the usage in its synopsis", async () => {
    const usage = (await run(["--help"])).out.split("\n\n")[1];
    const flat = (text) => text.replace(/\s+/g, " ").trim();
    assert.equal(flat(program.section("SYNOPSIS")), flat(usage));
  });

  test("has the exit codes of the program", async () => {
    const header = await readFile(new URL("commands/command.h", GATEWAY), "utf8");
    const codes = [...header.matchAll(/COMMAND_\w+ = (\d+),|COMMAND_OK = (\d)/g)];
    const told = program.section("EXIT STATUS").match(/^\d+$/gm);
    assert.deepEqual(told, codes.map((x) => x[1] ?? x[2]));
  });

  test("has the codes of the words that it tells", async () => {
    const list = await readFile(new URL("base/close.c", GATEWAY), "utf8");
    const rows = program.section("WHY A SESSION ENDED").matchAll(
      /^(\w+) {2,}(?:HTTP )?(\d+)(?:, (\d+))? {2,}/gm,
    );
    let count = 0;
    for (const [, word, ...codes] of rows) {
      const answer = list.match(new RegExp(`"${word}"[^}]*`))?.[0] ?? "";
      for (const code of codes.filter(Boolean)) {
        assert.match(answer, new RegExp(`= ${code}\\b`), word);
      }
      count++;
    }
    assert.ok(count > 20, `${count} words`);
  });
});

function nameOf(place) {
  return place.split(".").at(-1);
}

function typeOf(name, value) {
  if (value === "true" || value === "false") return /^boolean/;
  if (value.startsWith("[")) return /^list of texts/;
  if (value.startsWith('"')) return /^text/;
  const [, unit] = UNITS.find(([end]) => end.test(name));
  return new RegExp(`^number${unit}, (?:from \\d+ to \\d+|0 or more)$`);
}

async function namesInTable() {
  const files = await readdir(new URL("config/", GATEWAY));
  const names = [];
  for (const file of files.filter((name) => /^schema.*\.c$/.test(name))) {
    const text = await readFile(new URL(`config/${file}`, GATEWAY), "utf8");
    const entries = text.matchAll(
      /(?:\b[A-Z_]+\(\s*struct \w+,\s*|\bGROUPS\(\s*|\{ \.name = ")(\w+)/g,
    );
    for (const [, name] of entries) names.push(name);
  }
  return names;
}

// What is printed of all groups there are, with as little set as may be; what
// had to be is marked as written.
async function printAll() {
  const texts = [
    around({ place: "listeners[].tls.certificates[].key", text: "" }),
    around({ place: "listeners[].mode", text: 'unix = "/run/postern/ws.sock";' }),
    around({ place: "upstreams[].tls.ca", text: "" }),
    around({ place: "routes[].acl", text: 'absent = "allow";' }),
    around({ place: "routes[].qos", text: 'publish = "chat/lobby";', kind: "channel" }),
    ...KINDS.map((kind) => around({ place: "routes[].acl", text: "", kind })),
    around({ place: "routes[].will.topic", text: "", kind: "json" }),
  ];
  const all = [];
  for (const text of texts) {
    const file = await etc.write("printed.conf", text);
    const { code, out, err } = await run(["print-config", "-c", file]);
    assert.equal(code, 0, err);
    const written = new Set([...text.matchAll(/^(\w+) = (?![({])/gm)].map((x) => x[1]));
    for (const one of readPrinted(out)) {
      all.push({ ...one, isWritten: written.has(nameOf(one.place)) });
    }
  }
  return all;
}

// A few at a time.
async function inLanes(list, work) {
  const queue = [...list];
  const lane = async () => {
    while (queue.length > 0) await work(queue.shift());
  };
  await Promise.all([lane(), lane(), lane()]);
}
