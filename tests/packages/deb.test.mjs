// SPDX-License-Identifier: Apache-2.0
// The Debian package as it is built: the same each time, with what meson
// installs and nothing else.
import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { readdir, readFile } from "node:fs/promises";
import path from "node:path";
import { after, before, describe, test } from "node:test";

import { postern } from "../flow/fixtures/command.mjs";
import { Folder } from "../flow/fixtures/folder.mjs";
import {
  build,
  builtOnce,
  commit,
  programIn,
  run,
  SOURCE,
} from "./fixtures/deb.mjs";
import { installed } from "./fixtures/installed.mjs";

const DESCRIBES_A_BUILD = /\.(buildinfo|changes)$|^commit$/;
const OTHERWISE = {
  wrap: ["taskset", "-c", "0", "sh", "-c", 'umask 077; exec "$0" "$@"'],
  env: {
    CCACHE_DISABLE: "1",
    DEB_BUILD_OPTIONS: "nocheck parallel=1",
    HOME: "/nowhere",
    LC_ALL: "C",
    TZ: "Asia/Tokyo",
    XZ_DEFAULTS: "--extreme",
  },
};
const OF_DEBIAN = [
  "/usr/share/doc/postern/changelog.Debian.gz",
  "/usr/share/doc/postern/copyright",
  "/usr/share/lintian/overrides/postern",
];
const PROGRAM = "/usr/bin/postern";

describe("the Debian package", () => {
  let folder, built;

  before(async () => {
    folder = await Folder.create();
    built = await builtOnce();
  });
  after(() => folder?.remove());

  // From a clone at another place, by one processor.
  test("is the same whenever and wherever it is built", async () => {
    const tree = folder.at("a clone");
    const other = folder.at("other");
    await run("git", ["clone", "-q", SOURCE, tree]);
    await run("git", ["-C", tree, "checkout", "-q", await commit()]);
    await build(other, { tree, ...OTHERWISE });
    const sums = await sumsOf(built);
    assert.equal(Object.keys(sums).length, 5, Object.keys(sums).join(" "));
    assert.deepEqual(await sumsOf(other), sums);
  });

  test("is without fault for lintian", async () => {
    const names = await readdir(built);
    const changes = names.find((name) => name.endsWith(".changes"));
    const words = ["--allow-root", "--fail-on", "error,warning"];
    const text = await run("lintian", [...words, path.join(built, changes)])
      .then(({ stdout }) => stdout)
      .catch((error) => assert.fail(error.stdout || error.message));
    assert.doesNotMatch(text, /^[EW]:/m);
  });

  test("holds what meson installs, and what Debian adds", async () => {
    const wanted = new Set([...(await installed(folder)), ...OF_DEBIAN]);
    const entries = await entriesOf(await programIn(built));
    const files = entries.filter(({ mode }) => mode[0] !== "d");
    const names = files.map(({ name }) => name);
    assert.deepEqual(names.sort(), [...wanted].map(asInDebian).sort());
    assert.ok(entries.some(({ name }) => name === "/etc/postern/conf.d/"));
  });

  test("has files that only root changes and everybody reads", async () => {
    const entries = await entriesOf(await programIn(built));
    for (const { name, mode, owner } of entries) {
      assert.equal(owner, "root/root", name);
      const isOpen = mode[0] === "d" || name === PROGRAM;
      const wanted = isOpen ? "rwxr-xr-x" : "rw-r--r--";
      assert.equal(mode.slice(1), wanted, name);
    }
  });

  test("has the version of the program", async () => {
    const deb = await programIn(built);
    const { stdout } = await run("dpkg-deb", ["-f", deb, "Version"]);
    const { out } = await postern(["--version"], { release: true });
    assert.equal(`postern ${stdout.trim().replace(/-\d+$/, "")}`, out.trim());
  });

  test("asks before it replaces the configuration", async () => {
    const deb = await programIn(built);
    const { stdout } = await run("dpkg-deb", ["-I", deb, "conffiles"]);
    assert.equal(stdout.trim(), "/etc/postern/postern.conf");
  });

  test("needs the plugin by which libwebsockets runs on libuv", async () => {
    const deb = await programIn(built);
    const { stdout } = await run("dpkg-deb", ["-f", deb, "Depends"]);
    assert.match(stdout, /\blibwebsockets-evlib-uv\b/);
  });
});

async function sumsOf(built) {
  const names = await readdir(built);
  const kept = names.filter((name) => !DESCRIBES_A_BUILD.test(name)).sort();
  const bytes = kept.map((name) => readFile(path.join(built, name)));
  const sum = (x) => createHash("sha256").update(x).digest("hex");
  const sums = (await Promise.all(bytes)).map(sum);
  return Object.fromEntries(kept.map((name, i) => [name, sums[i]]));
}

async function entriesOf(deb) {
  const { stdout } = await run("dpkg-deb", ["-c", deb]);
  const lines = stdout.trim().split("\n");
  return lines.map((line) => {
    const [mode, owner, , , , name] = line.split(/\s+/);
    return { mode, owner, name: name.slice(1) };
  });
}

function asInDebian(name) {
  if (name.startsWith("/usr/share/man/")) return `${name}.gz`;
  return name.replace(/\/CHANGELOG\.md$/, "/changelog.gz");
}
