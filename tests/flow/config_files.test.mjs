// SPDX-License-Identifier: Apache-2.0
// The files that a configuration is made of and those that it names: conf.d,
// certificates, keys, and all that can be wrong with them.
import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { chmod, mkdir, readFile, symlink } from "node:fs/promises";
import { after, afterEach, before, beforeEach, describe, test } from "node:test";
import { promisify } from "node:util";

import { makeCertificate } from "./fixtures/certificate.mjs";
import { makeDatedCertificate } from "./fixtures/certificate_dates.mjs";
import { postern } from "./fixtures/command.mjs";
import { configText } from "./fixtures/config.mjs";
import { Folder } from "./fixtures/folder.mjs";

const run = promisify(execFile);
const DAY_MS = 24 * 60 * 60 * 1000;
const CLEAN = configText({ port: 8083, brokerPort: 1883 });

let folder;

beforeEach(async () => {
  folder = await Folder.create();
});
afterEach(() => folder?.remove());

const check = (file, options) => postern(["check", "-c", file], options);

// Each of the commands refuses the file with 78 and a line that begins so.
async function isRefused(file, begin) {
  for (const command of ["check", "print-config", "serve"]) {
    const { code, out, err } = await postern([command, "-c", file]);
    assert.deepEqual([code, out], [78, ""], `${command}: ${err}`);
    assert.ok(err.startsWith(begin), `${command}: ${err}`);
    assert.equal(err.trimEnd().split("\n").length, 1, err);
  }
}

describe("a configuration file", () => {
  test("that is not there: 78", async () => {
    const file = folder.at("none.conf");
    await isRefused(file, `${file}: cannot be read: No such file`);
  });

  test("that is a directory: 78, and it says what to name", async () => {
    const file = folder.path;
    await isRefused(file, `${file}: cannot be read: it is a directory`);
  });

  test("that is empty: 78", async () => {
    const file = await folder.write("empty.conf", "");
    await isRefused(file, `${file}: is empty`);
  });

  test("that is far too large to be one: 78", async () => {
    const file = await folder.write("large.conf", "#".repeat(32 << 20));
    await isRefused(file, `${file}: is larger than `);
  });

  test("that never ends: 78", async () => {
    await isRefused("/dev/zero", "/dev/zero: is larger than ");
  });

  test("that is a link to another is read", async () => {
    await folder.write("real", CLEAN);
    await symlink("real", folder.at("link.conf"));
    const { code, err } = await check(folder.at("link.conf"));
    assert.equal(code, 0, err);
  });
});

describe("conf.d", () => {
  const route = (path) =>
    `routes = ( { path = "${path}"; upstream = "plant";
       origins = ["http://allowed.test"]; } );\n`;

  beforeEach(() => mkdir(folder.at("conf.d")));

  async function paths(options, file = folder.at("postern.conf")) {
    const words = ["print-config", "-c", file];
    const { code, out, err } = await postern(words, options);
    assert.equal(code, 0, err);
    return [...out.matchAll(/path = "([^"]*)"/g)].map(([, path]) => path);
  }

  test("is read after the file, in name order", async () => {
    await folder.write("postern.conf", CLEAN);
    for (const name of ["b", "10", "a", "9", "B", "a-2"]) {
      await folder.write(`conf.d/${name}.conf`, route(`/${name}`));
    }
    const order = ["/mqtt", "/10", "/9", "/B", "/a-2", "/a", "/b"];
    assert.deepEqual(await paths(), order);
  });

  test("has the same order in every locale", async () => {
    await folder.write("postern.conf", CLEAN);
    for (const name of ["b", "B", "a", "A"]) {
      await folder.write(`conf.d/${name}.conf`, route(`/${name}`));
    }
    const order = ["/mqtt", "/A", "/B", "/a", "/b"];
    for (const locale of ["C", "C.UTF-8", "en_US.UTF-8"]) {
      assert.deepEqual(await paths({ env: { LC_ALL: locale } }), order);
    }
  });

  test("is found beside a file that is named without a folder", async () => {
    await folder.write("postern.conf", CLEAN);
    await folder.write("conf.d/more.conf", route("/more"));
    const found = await paths({ cwd: folder.path }, "postern.conf");
    assert.deepEqual(found, ["/mqtt", "/more"]);
  });

  test("counts only files whose name ends in .conf", async () => {
    await folder.write("postern.conf", CLEAN);
    for (const name of ["a.conf~", "b.conf.bak", "c", ".d.conf", ".conf"]) {
      await folder.write(`conf.d/${name}`, "this is no configuration");
    }
    assert.deepEqual(await paths(), ["/mqtt"]);
  });

  test("may bring all there is", async () => {
    const file = await folder.write("postern.conf", "workers = 1;\n");
    const rest = CLEAN.replace(/^workers = 1;\n/, "");
    await folder.write("conf.d/rest.conf", rest);
    const { code, err } = await check(file);
    assert.equal(code, 0, err);
  });

  test("tells faults of all files at once, in their order", async () => {
    const file = await folder.write("postern.conf", `${CLEAN}\nwrokers = 1;`);
    const parts = [];
    for (const name of ["2", "1"]) {
      const text = `\n\n${route("/mqtt")}`;
      parts.unshift(await folder.write(`conf.d/${name}.conf`, text));
    }
    const { code, err } = await check(file);
    const line = CLEAN.split("\n").length + 1;
    const places = err.trimEnd().split("\n").map((one) => one.split(": ")[0]);
    assert.equal(code, 78);
    assert.deepEqual(places, [
      `${file}:${line}`,
      ...parts.map((part) => `${part}:3`),
    ]);
  });

  test("with one setting in two files: 78, and both places", async () => {
    const file = await folder.write("postern.conf", CLEAN);
    const part = await folder.write("conf.d/a.conf", "\nworkers = 2;\n");
    const begin = `${part}:2: "workers" is already set at ${file}:1`;
    await isRefused(file, begin);
  });

  test("with a file that cannot be read: 78", async () => {
    const file = await folder.write("postern.conf", CLEAN);
    await symlink("nowhere", folder.at("conf.d/gone.conf"));
    const begin = `${folder.at("conf.d/gone.conf")}: cannot be read: No such`;
    await isRefused(file, begin);
  });
});

describe("a certificate and its key", () => {
  let good, other, expired, early;
  const folders = [];

  async function ownFolder() {
    folders.push(await Folder.create());
    return folders.at(-1);
  }

  before(async () => {
    const at = (days) => new Date(Date.now() + days * DAY_MS);
    good = await makeCertificate(await ownFolder());
    other = await makeCertificate(await ownFolder());
    expired = await makeDatedCertificate(await ownFolder(), at(-20), at(-1));
    early = await makeDatedCertificate(await ownFolder(), at(2), at(20));
  });
  after(async () => {
    for (const one of folders) await one.remove();
  });
  afterEach(() => chmod(good.key, 0o600));

  async function write({ certificate, key }) {
    const address = "127.0.0.1";
    return folder.write(
      "postern.conf",
      configText({
        listeners: [{ address, port: 8084, tls: { certificate, key } }],
        brokerPort: 1883,
      }),
    );
  }

  // At the line of the listeners, which is the second.
  async function areRefused(pair, said) {
    const file = await write(pair);
    await isRefused(file, `${file}:2: ${said}`);
  }

  test("that fit are good", async () => {
    const { code, err } = await check(await write(good));
    assert.deepEqual({ code, err }, { code: 0, err: "" });
  });

  for (const mode of [0o640, 0o400, 0o440]) {
    test(`are good with a key of mode ${mode.toString(8)}`, async () => {
      await chmod(good.key, mode);
      const { code, err } = await check(await write(good));
      assert.equal(code, 0, err);
    });
  }

  for (const mode of [0o644, 0o604, 0o660, 0o602, 0o601]) {
    test(`with a key of mode ${mode.toString(8)}: 78`, async () => {
      await chmod(good.key, mode);
      await areRefused(good, `key "${good.key}" can be read or changed by others`);
    });
  }

  test("with the key behind a link: its own mode counts", async () => {
    const key = folder.at("link.key");
    await symlink(good.key, key);
    assert.equal((await check(await write({ ...good, key }))).code, 0);
    await chmod(good.key, 0o644);
    await areRefused({ ...good, key }, `key "${key}" can be read`);
  });

  test("that do not fit: 78", () =>
    areRefused(
      { ...good, key: other.key },
      `key "${other.key}" does not belong to the certificate`,
    ));

  test("that has expired: 78", () =>
    areRefused(expired, `certificate "${expired.certificate}" has expired`));

  test("that is not valid yet: 78", () =>
    areRefused(early, `certificate "${early.certificate}" is not valid yet`));

  for (const name of ["certificate", "key"]) {
    test(`without the file of the ${name}: 78`, () => {
      const file = folder.at("none.pem");
      return areRefused({ ...good, [name]: file }, `"${file}": No such file`);
    });
  }

  test("without both files: 78, and both are told", async () => {
    const [certificate, key] = [folder.at("a.pem"), folder.at("b.pem")];
    const { code, err } = await check(await write({ certificate, key }));
    assert.equal(code, 78);
    assert.ok(err.includes(`"${certificate}": No such file`), err);
    assert.ok(err.includes(`"${key}": No such file`), err);
  });

  test("in each other's place: 78", async () => {
    const swapped = { certificate: good.key, key: good.certificate };
    await chmod(good.certificate, 0o600);
    const { code, err } = await check(await write(swapped));
    assert.equal(code, 78);
    assert.ok(err.includes(`"${good.key}" is no PEM certificate`), err);
    assert.ok(err.includes(`"${good.certificate}" is no PEM private key`), err);
  });

  for (const [what, damage] of [
    ["empty", () => ""],
    ["no PEM", () => "certificate\n"],
    ["cut off", (text) => text.slice(0, text.length / 2)],
  ]) {
    test(`with a file that is ${what}: 78`, async () => {
      const text = damage(await readFile(good.certificate, "utf8"));
      const certificate = await folder.write("bad.pem", text);
      await areRefused(
        { ...good, certificate },
        `"${certificate}" is no PEM certificate`,
      );
    });
  }

  test("with garbage after the first of the chain: 78", async () => {
    const text = await readFile(good.certificate, "utf8");
    const half = text.slice(0, text.length / 2);
    const certificate = await folder.write("chain.pem", `${text}${half}`);
    await areRefused(
      { ...good, certificate },
      `"${certificate}" is no PEM certificate`,
    );
  });

  test("with a key that wants a password: 78, and asks nobody", async () => {
    const key = folder.at("locked.key");
    const words = ["pkey", "-in", good.key, "-aes256", "-passout", "pass:x"];
    await run("openssl", [...words, "-out", key]);
    await chmod(key, 0o600);
    await areRefused({ ...good, key }, `"${key}" is no PEM private key without`);
  });

  test("in a directory's place: 78", async () => {
    const { code, err } = await check(
      await write({ ...good, certificate: folder.path }),
    );
    assert.equal(code, 78);
    assert.ok(err.includes(`"${folder.path}"`), err);
  });

  test("are never shown: no line of a key is in what is said", async () => {
    const secret = (await readFile(good.key, "utf8")).split("\n")[1];
    const file = await write({ certificate: good.key, key: good.key });
    for (const command of ["check", "print-config", "serve"]) {
      const { out, err } = await postern([command, "-c", file]);
      assert.ok(!`${out}${err}`.includes(secret));
    }
  });
});
