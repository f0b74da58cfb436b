// SPDX-License-Identifier: Apache-2.0
// What `check` says of a configuration, and that the other commands say the
// same; what `print-config` prints is what was meant.
import assert from "node:assert/strict";
import { chmod, mkdir, readdir, readFile, writeFile } from "node:fs/promises";
import path from "node:path";
import { after, before, describe, test } from "node:test";
import { fileURLToPath } from "node:url";

import { postern } from "./fixtures/command.mjs";
import { configText } from "./fixtures/config.mjs";
import { Folder } from "./fixtures/folder.mjs";
import { freePort } from "./fixtures/ports.mjs";

const CONFIG = 78;
const at = (name) => fileURLToPath(new URL(name, import.meta.url));
const BAD = at("../config/bad");
const GOOD = at("../config/good");
const EXAMPLE = at("../../config/postern.conf");

let folder, number, good;

before(async () => {
  folder = await Folder.create();
  number = 0;
  good = configText({ port: await freePort(), brokerPort: 1883 });
});
after(() => folder?.remove());

async function check(text) {
  const file = await folder.write(`c${++number}.conf`, text);
  const { code, out, err } = await postern(["check", "-c", file]);
  return { file, code, out, err, lines: err.split("\n").filter(Boolean) };
}

async function filesIn(dir) {
  const names = await readdir(dir);
  return names.filter((name) => name.endsWith(".conf"));
}

describe("check of a good file", () => {
  test("ends with 0 and says that it is good", async () => {
    const { code, out, err, file } = await check(good);
    assert.deepEqual([code, out, err], [0, `${file} is good\n`, ""]);
  });

  test("the example ends with 0, with warnings at most", async () => {
    const { code, err } = await postern(["check", "-c", EXAMPLE]);
    assert.equal(code, 0, err);
    for (const line of err.split("\n").filter(Boolean)) {
      assert.match(line, /^\S+:\d+: warning: /);
    }
  });

  test("opens no port: two may be checked while one serves", async () => {
    const results = await Promise.all([check(good), check(good)]);
    assert.deepEqual(results.map(({ code }) => code), [0, 0]);
  });
});

describe("check of a bad file", () => {
  test("ends with 78 and prints file:line: what is wrong", async () => {
    const text = good.replace("workers = 1;", "workers = 99;");
    const { code, out, lines, file } = await check(text);
    assert.deepEqual([code, out, lines.length], [CONFIG, "", 1]);
    assert.ok(lines[0].startsWith(`${file}:1: "workers" wants`), lines[0]);
  });

  test("prints all that is wrong at once, in the order of lines", async () => {
    const text = `workers = -1;
listeners = (
  { address = "localhost"; port = 8083; },
  { address = "127.0.0.1"; prot = 8084; } );
upstreams = ( { name = "u"; servers = ["http://127.0.0.1"]; } );
routes = (
  { path = "mqtt"; upstream = "v"; origins = ["http://a.test/x"]; } );
log = { level = "loud"; };
`;
    const { code, lines, file } = await check(text);
    assert.equal(code, CONFIG);
    const numbers = lines.map((line) => {
      assert.ok(line.startsWith(`${file}:`), line);
      return Number(line.slice(file.length + 1).split(":")[0]);
    });
    assert.deepEqual([...new Set(numbers)], [1, 3, 4, 5, 7, 8]);
    assert.ok(lines.filter((line) => line.includes(":7:")).length >= 3);
  });

  test("offers the nearest name", async () => {
    const { lines } = await check(good.replace("origins", "orgins"));
    assert.match(lines.join("\n"), /unknown setting "orgins".*"origins"/);
  });

  test("that is not there ends with 78 and names it", async () => {
    for (const command of ["check", "serve", "print-config"]) {
      const file = folder.at("none.conf");
      const { code, out, err } = await postern([command, "-c", file]);
      assert.deepEqual([code, out], [CONFIG, ""]);
      assert.match(err, new RegExp(`^${file}: .*No such file`));
    }
  });

  test("that is a folder ends with 78 and names it", async () => {
    const { code, err } = await postern(["check", "-c", folder.path]);
    assert.equal(code, CONFIG);
    assert.ok(err.startsWith(`${folder.path}: `), err);
  });

  test("that is empty ends with 78 and says so", async () => {
    const { code, err, file } = await check("");
    assert.deepEqual([code, err], [CONFIG, `${file}: is empty\n`]);
  });

  test("that sets nothing ends with 78 and names what is missing", async () => {
    const { code, err } = await check("# nothing yet\n");
    assert.equal(code, CONFIG);
    for (const name of ["listeners", "upstreams", "routes"]) {
      assert.match(err, new RegExp(`"${name}" is missing`));
    }
  });

  test("that is no text at all ends with 78", async () => {
    for (const text of [Buffer.alloc(4096), "\x7fELF\x02\x01", "{".repeat(9999)]) {
      const { code, err } = await check(text);
      assert.equal(code, CONFIG);
      assert.notEqual(err, "");
    }
  });

  test("keeps serve and print-config from doing anything", async () => {
    const file = await folder.write("bad.conf", good.replace("path", "paht"));
    const { err } = await postern(["check", "-c", file]);
    for (const command of ["serve", "print-config"]) {
      const result = await postern([command, "-c", file]);
      assert.deepEqual(result, { code: CONFIG, out: "", err });
    }
  });

  test("prints no control characters of it", async () => {
    const { err } = await check(`${good}\n"\x1b[31m" = 1;\nw\x1b[2J = 1;\n`);
    assert.doesNotMatch(err, /[\x00-\x09\x0b-\x1f]/);
  });
});

// A channel, and an ACL that route names.
async function checkChannel(route, rules = ["allow pub,sub chat/#"]) {
  const text = configText({
    port: await freePort(),
    brokerPort: 1883,
    acls: [{ name: "talk", rules }],
    route: { path: "/chat", kind: "channel", acl: "talk", ...route },
  });
  return check(text);
}

describe("check of a channel", () => {
  const both = { publish: "chat/lobby", subscribe: ["chat/lobby"] };

  test("ends with 0 and nothing to say when all is well", async () => {
    for (const route of [both, { ...both, wrap: "" }, { subscribe: ["chat/+"] }]) {
      const { code, err } = await checkChannel(route);
      assert.deepEqual([code, err], [0, ""]);
    }
  });

  test("ends with 78 when it leads nowhere", async () => {
    const { code, lines } = await checkChannel({});
    assert.deepEqual([code, lines.length], [CONFIG, 1]);
    assert.match(lines[0], /:\d+: this channel leads nowhere: write publish/);
  });

  test("warns of topics that its ACL never allows, by both names", async () => {
    const rules = ["allow pub chat/${client}/x", "allow sub chat/all"];
    const { code, lines } = await checkChannel(both, rules);
    assert.deepEqual([code, lines.length], [0, 2]);
    assert.match(lines[0], /warning: ACL "talk" never allows .*"chat\/lobby"/);
    assert.match(lines[1], /warning: ACL "talk" never allows .*"chat\/lobby"/);
  });

  test("ends with 78 for what only other kinds know", async () => {
    const { code, err } = await checkChannel({ ...both, kind: "mqtt", wrap: "" });
    assert.equal(code, CONFIG);
    for (const name of ["publish", "subscribe", "wrap"]) {
      assert.match(err, new RegExp(`:\\d+: "${name}" is for routes of kind`));
    }
  });
});

// A login that is given to anybody, and what the route says about it.
async function checkLogin(route, { mode = 0o600, password = "secret\n" } = {}) {
  const file = await folder.write(`p${++number}`, password);
  await chmod(file, mode);
  const text = configText({
    port: await freePort(),
    brokerPort: 1883,
    upstream: { username: "web", password_file: file, inject: true },
    acls: [{ name: "some", rules: ["allow sub a/b"] }],
    route,
  });
  return { ...(await check(text)), password: file };
}

const OPEN = { acl: "some", anonymous: true };

describe("check of a login for anybody", () => {
  test("ends with 0 when the route says that it is meant", async () => {
    const { code, err } = await checkLogin(OPEN);
    assert.deepEqual([code, err], [0, ""]);
  });

  test("ends with 78 when the route does not", async () => {
    for (const route of [{}, { anonymous: true }, { acl: "some" }]) {
      const { code, err } = await checkLogin(route);
      assert.equal(code, CONFIG);
      assert.match(
        err,
        /"\/mqtt".*"plant".*anyone who can reach this port gets this login/,
      );
    }
  });

  test("ends with 78 when others may use the password file", async () => {
    for (const [mode, advice] of [
      [0o644, "chmod o= "],
      [0o602, "chmod o= "],
      [0o601, "chmod o= "],
      [0o660, "chmod g-w "],
    ]) {
      const { code, err, password } = await checkLogin(OPEN, { mode });
      assert.equal(code, CONFIG);
      assert.ok(err.includes(`${advice}${password}`), err);
      assert.doesNotMatch(err, /secret/);
    }
  });

  test("ends with 78 when the password is empty or too long", async () => {
    for (const password of ["", "\n", "x".repeat(65536)]) {
      const { code, lines } = await checkLogin(OPEN, { password });
      assert.equal(code, CONFIG);
      assert.match(lines.join("\n"), /:\d+: password_file .* is (empty|longer)/);
    }
  });
});

describe("check of the files of bad examples", () => {
  test("ends with 78 and says what their first lines expect", async () => {
    const names = await filesIn(BAD);
    assert.ok(names.length > 50);
    const wrong = [];
    for (const name of names) {
      const file = path.join(BAD, name);
      const expected = (await readFile(file, "latin1"))
        .split("\n")
        .map((line) => /^# expect: (\d+): (.*)$/.exec(line))
        .filter(Boolean);
      const { code, err } = await postern(["check", "-c", file]);
      if (code !== CONFIG) wrong.push(`${name}: exit ${code}`);
      for (const [, line, text] of expected) {
        const place = line === "0" ? `${file}: ` : `${file}:${line}: `;
        const isSaid = err
          .split("\n")
          .some((said) => said.startsWith(place) && said.includes(text));
        if (!isSaid) wrong.push(`${name}: ${line}: ${text}\n${err}`);
      }
    }
    assert.deepEqual(wrong, []);
  });
});

describe("print-config", () => {
  async function printed(file) {
    const { code, out, err } = await postern(["print-config", "-c", file]);
    assert.equal(code, 0, err);
    return out;
  }

  test("prints every setting with its value", async () => {
    const text = configText({
      port: 8083,
      brokerPort: 1883,
      route: { ping_s: 7 },
    });
    const out = await printed(await folder.write("p.conf", text));
    for (const line of [
      "workers = 1;",
      "ping_s = 7;",
      "pong_s = 20;",
      "stall_s = 30;",
      'subprotocols = ["mqtt", "mqttv3.1"];',
      'level = "info";',
    ]) {
      assert.ok(out.includes(line), `${line} in\n${out}`);
    }
  });

  test("prints what check calls good and what prints the same again", async () => {
    const files = (await filesIn(GOOD)).map((name) => path.join(GOOD, name));
    files.push(EXAMPLE, await folder.write("own.conf", good));
    let count = 0;
    for (const file of files) {
      const first = await postern(["print-config", "-c", file]);
      if (first.code !== 0) {
        // It names certificates that are not on this machine.
        assert.match(first.err, /No such file/, file);
        continue;
      }
      const again = await folder.write("printed.conf", first.out);
      const { code, err } = await postern(["check", "-c", again]);
      assert.equal(code, 0, `${file}: ${err}`);
      assert.equal(await printed(again), first.out, file);
      count++;
    }
    assert.ok(count >= 3, `${count} of ${files.length}`);
  });

  test("keeps texts with quotes, backslashes and other letters", async () => {
    const text = good.replace('"plant"', '"p\\"l\\\\a\u00e9nt"');
    const all = text.replace('upstream = "plant"', 'upstream = "p\\"l\\\\a\u00e9nt"');
    const out = await printed(await folder.write("q.conf", all));
    const again = await printed(await folder.write("q2.conf", out));
    assert.equal(again, out);
    assert.ok(out.includes("\u00e9"), out);
  });
});

describe("files in conf.d", () => {
  let dir, main;

  before(async () => {
    dir = path.join(folder.path, "parts");
    main = path.join(dir, "postern.conf");
    await mkdir(path.join(dir, "conf.d"), { recursive: true });
    await writeFile(main, good);
  });

  const add = (name, text) => writeFile(path.join(dir, "conf.d", name), text);
  const route = (name) =>
    `routes = ( { path = "/${name}"; upstream = "plant"; origins = ["http://a.test"]; } );\n`;

  test("add their routes, in the order of their names", async () => {
    await add("20-b.conf", route("b"));
    await add("10-a.conf", route("a"));
    await add("30-c.conf.off", "nonsense");
    await add("README", "nonsense");
    const { code, out, err } = await postern(["print-config", "-c", main]);
    assert.equal(code, 0, err);
    const paths = [...out.matchAll(/path = "([^"]+)"/g)].map(([, one]) => one);
    assert.deepEqual(paths, ["/mqtt", "/a", "/b"]);
  });

  test("are named with their own lines when they are wrong", async () => {
    await add("40-d.conf", `\n${route("d").replace("path", "paht")}`);
    const { code, err } = await postern(["check", "-c", main]);
    assert.equal(code, CONFIG);
    assert.match(err, /^\S+\/conf\.d\/40-d\.conf:2: .*"paht"/m);
    await add("40-d.conf", "");
  });

  test("may not repeat a setting of another file", async () => {
    await add("50-e.conf", "workers = 2;\n");
    const { code, err } = await postern(["check", "-c", main]);
    assert.equal(code, CONFIG);
    assert.match(err, /conf\.d\/50-e\.conf:1: .*workers/);
    await add("50-e.conf", "");
  });
});
