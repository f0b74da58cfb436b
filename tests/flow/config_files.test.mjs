// SPDX-License-Identifier: Apache-2.0
// Odd files: links, files without end, parts in every order, keys that ask
// for a password.
import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { chmod, mkdir, readFile, symlink } from "node:fs/promises";
import {
  after,
  afterEach,
  before,
  beforeEach,
  describe,
  test,
} from "node:test";
import { promisify } from "node:util";

import { makeCertificate } from "./fixtures/certificate.mjs";
import { postern } from "./fixtures/command.mjs";
import { configText } from "./fixtures/config.mjs";
import { Folder } from "./fixtures/folder.mjs";

const run = promisify(execFile);
const CLEAN = configText({ port: 8083, brokerPort: 1883 });
const MIB = 1024 * 1024;

let folder;

beforeEach(async () => {
  folder = await Folder.create();
});
afterEach(() => folder?.remove());

const check = (file) => postern(["check", "-c", file]);

async function isGood(file) {
  const { code, err } = await check(file);
  assert.deepEqual({ code, err }, { code: 0, err: "" });
}

// With 78 and one line, that begins so.
async function isRefused(file, begin) {
  const { code, out, err } = await check(file);
  assert.deepEqual([code, out], [78, ""], err);
  assert.ok(err.startsWith(begin), err);
  assert.equal(err.trimEnd().split("\n").length, 1, err);
}

describe("a configuration file", () => {
  test("that is far too large to be one is refused", async () => {
    const file = await folder.write("large.conf", "#".repeat(32 * MIB));
    await isRefused(file, `${file}: is larger than `);
  });

  test("that never ends is refused", async () => {
    await isRefused("/dev/zero", "/dev/zero: is larger than ");
  });

  test("that is a link to another is read", async () => {
    await folder.write("real", CLEAN);
    await symlink("real", folder.at("link.conf"));
    await isGood(folder.at("link.conf"));
  });
});

describe("conf.d", () => {
  const route = (path) =>
    `routes = ( { path = "${path}"; upstream = "plant";
       origins = ["http://allowed.test"]; } );\n`;
  let main;

  beforeEach(async () => {
    await mkdir(folder.at("conf.d"));
    main = await folder.write("postern.conf", CLEAN);
  });

  async function paths(file = main, options = {}) {
    const words = ["print-config", "-c", file];
    const { code, out, err } = await postern(words, options);
    assert.equal(code, 0, err);
    return [...out.matchAll(/path = "([^"]*)"/g)].map(([, path]) => path);
  }

  test("has one order, by octets, in every locale", async () => {
    for (const name of ["b", "10", "a", "9", "B", "a-2"]) {
      await folder.write(`conf.d/${name}.conf`, route(`/${name}`));
    }
    const order = ["/mqtt", "/10", "/9", "/B", "/a-2", "/a", "/b"];
    for (const locale of ["C", "C.UTF-8", "en_US.UTF-8"]) {
      assert.deepEqual(await paths(main, { env: { LC_ALL: locale } }), order);
    }
  });

  test("is found beside a file that is named without a folder", async () => {
    await folder.write("conf.d/more.conf", route("/more"));
    const found = await paths("postern.conf", { cwd: folder.path });
    assert.deepEqual(found, ["/mqtt", "/more"]);
  });

  test("has no part in what editors and packages leave there", async () => {
    for (const name of ["a.conf~", "b.conf.bak", ".c.conf", ".conf", "conf"]) {
      await folder.write(`conf.d/${name}`, "this is no configuration");
    }
    assert.deepEqual(await paths(), ["/mqtt"]);
  });

  test("may bring nearly all there is", async () => {
    await folder.write("postern.conf", "workers = 1;\n");
    await folder.write("conf.d/rest.conf", CLEAN.replace("workers = 1;", ""));
    await isGood(main);
  });

  test("tells the faults of all files at once, in their order", async () => {
    await folder.write("postern.conf", `${CLEAN}wrokers = 1;\n`);
    const text = `\n\n${route("/mqtt")}`;
    const second = await folder.write("conf.d/2.conf", text);
    const first = await folder.write("conf.d/1.conf", text);
    const { code, err } = await check(main);
    const places = err
      .trimEnd()
      .split("\n")
      .map((one) => one.split(": ")[0]);
    const last = CLEAN.split("\n").length;
    assert.equal(code, 78);
    assert.deepEqual(places, [`${main}:${last}`, `${first}:3`, `${second}:3`]);
  });

  test("with a setting of another file names both places", async () => {
    const part = await folder.write("conf.d/a.conf", "\nworkers = 2;\n");
    const begin = `${part}:2: "workers" is already set at ${main}:1`;
    await isRefused(main, begin);
  });

  test("with a link to nowhere is refused", async () => {
    const part = folder.at("conf.d/gone.conf");
    await symlink("nowhere", part);
    await isRefused(main, `${part}: cannot be read: No such file`);
  });
});

describe("a key or certificate", () => {
  let made, good;

  before(async () => {
    made = await Folder.create();
    good = await makeCertificate(made);
  });
  after(() => made?.remove());
  afterEach(() => chmod(good.key, 0o600));

  async function write({ certificate, key }) {
    const listener = { tls: { certificate, key } };
    const text = configText({ port: 8084, brokerPort: 1883, listener });
    return folder.write("postern.conf", text);
  }

  async function isRefusedPair(pair, said) {
    const file = await write(pair);
    await isRefused(file, `${file}:2: ${said}`);
  }

  test("behind a link: the mode of the key itself counts", async () => {
    const key = folder.at("link.key");
    await symlink(good.key, key);
    await isGood(await write({ ...good, key }));
    await chmod(good.key, 0o644);
    await isRefusedPair({ ...good, key }, `key "${key}" can be read`);
  });

  test("with a password is refused, and nobody is asked for it", async () => {
    const key = folder.at("locked.key");
    const words = ["pkey", "-in", good.key, "-aes256", "-passout", "pass:x"];
    await run("openssl", [...words, "-out", key]);
    await chmod(key, 0o600);
    const said = `"${key}" is no PEM private key without password`;
    await isRefusedPair({ ...good, key }, said);
  });

  test("whose chain is cut off is refused", async () => {
    const text = await readFile(good.certificate, "utf8");
    const half = text.slice(0, text.length / 2);
    const certificate = await folder.write("chain.pem", text + half);
    const said = `"${certificate}" is no PEM certificate`;
    await isRefusedPair({ ...good, certificate }, said);
  });

  test("that are both not there are both told", async () => {
    const [certificate, key] = [folder.at("a.pem"), folder.at("b.pem")];
    const { code, err } = await check(await write({ certificate, key }));
    assert.equal(code, 78);
    assert.ok(err.includes(`"${certificate}": No such file`), err);
    assert.ok(err.includes(`"${key}": No such file`), err);
  });

  test("that is a directory is refused", async () => {
    const certificate = folder.path;
    await isRefusedPair({ ...good, certificate }, `"${certificate}"`);
  });
});
