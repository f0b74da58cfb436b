// SPDX-License-Identifier: Apache-2.0
// The RPM of the last commit: what is in it, what it does at installation.
// On Debian the spec is tried, with the words of macros.debian.
//
// %check is left out: those tests have run.
import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { appendFile, readdir } from "node:fs/promises";
import { after, before, describe, test } from "node:test";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";

import { postern } from "../flow/fixtures/command.mjs";
import { Folder } from "../flow/fixtures/folder.mjs";
import { installed } from "./fixtures/installed.mjs";

const run = promisify(execFile);
const RECIPE = fileURLToPath(new URL("../../packaging/rpm/", import.meta.url));
const SPEC = `${RECIPE}postern.spec`;
const FILES =
  "[%{FILEFLAGS:fflags} %{FILEMODES:perms} " +
  "%{FILEUSERNAME}:%{FILEGROUPNAME} %{FILENAMES}\n]";
const CONFIGURATION = "/etc/postern/postern.conf";
const LICENSE = "/usr/share/licenses/postern/LICENSE";
const UNITS = "postern.service postern.socket";
const USER = `u      postern -  "Guarded door to MQTT" -`;

let folder, packages, files;

before(async () => {
  folder = await Folder.create();
  packages = await build("first", 0o022);
  const text = await query("--qf", FILES);
  files = text.trimEnd().split("\n").map(parseFile).filter(isOurs);
});
after(() => folder?.remove());

// Builds into a folder of that name; gives the package and its source.
async function build(name, umask) {
  const target = folder.at(name);
  const command = `umask ${umask.toString(8)} && exec "$@"`;
  const words = [`${RECIPE}build`, target, "--without", "check"];
  await run("sh", ["-c", command, "sh", ...words]);
  const names = (await readdir(target)).map((file) => `${target}/${file}`);
  const [source] = names.filter((file) => file.endsWith(".src.rpm"));
  const [binary] = names.filter((file) => file !== source);
  assert.equal(names.length, 2, names.join(" "));
  return { binary, source };
}

async function query(...words) {
  return (await run("rpm", ["-qp", ...words, packages.binary])).stdout;
}

function parseFile(line) {
  const [, flags, mode, owner, name] = /^(\w*) (\S+) (\S+) (.*)$/.exec(line);
  return { flags, mode, owner, name, isFolder: mode.startsWith("d") };
}

// Not what rpmbuild adds by itself.
function isOurs({ name }) {
  return !name.startsWith("/usr/lib/.build-id");
}

describe("the RPM", () => {
  test("has what is installed, and the license", async () => {
    const names = files
      .filter(({ isFolder }) => !isFolder)
      .map(({ name }) => name.replace(/(\/man\/.*)\.gz$/, "$1"));
    const wanted = [...(await installed(folder)), LICENSE];
    assert.deepEqual(names.sort(), wanted.sort());
  });

  test("has the folders that are its own, no others", () => {
    const names = files.filter(({ isFolder }) => isFolder).map((x) => x.name);
    const top = names.filter((name) => !name.startsWith("/usr/share/doc/"));
    assert.deepEqual(top, ["/etc/postern", "/usr/share/licenses/postern"]);
    assert.ok(names.includes("/usr/share/doc/postern"));
  });

  test("belongs to root, nobody else may write, one file is run", () => {
    for (const { name, owner, mode, isFolder } of files) {
      assert.equal(owner, "root:root", name);
      const isRun = isFolder || name === "/usr/bin/postern";
      assert.equal(mode.slice(1), isRun ? "rwxr-xr-x" : "rw-r--r--", name);
    }
  });

  test("keeps the configuration that somebody edited", () => {
    const marked = files.filter(({ flags }) => flags.includes("c"));
    const found = marked.map(({ name, flags }) => `${flags} ${name}`);
    assert.deepEqual(found, [`cn ${CONFIGURATION}`]);
  });

  test("marks the license and the documents", () => {
    for (const { name, flags, isFolder } of files) {
      const isDocument = /^\/usr\/share\/(?:doc|man)\//.test(name);
      const wanted = name === LICENSE ? "l" : isDocument ? "d" : "";
      if (isFolder || name === CONFIGURATION) continue;
      assert.equal(flags, wanted, name);
    }
  });

  test("has the version of the program", async () => {
    const [version, license] = (await query("--qf", "%{VERSION} %{LICENSE}"))
      .trim()
      .split(" ");
    const { out } = await postern(["--version"], { release: true });
    assert.equal(out, `postern ${version}\n`);
    assert.equal(license, "Apache-2.0");
  });

  test("presets, stops and restarts its units", async () => {
    const scripts = (await query("--scripts")).trimEnd().split("\n");
    assert.deepEqual(scripts, [
      "preinstall scriptlet (using /bin/sh):",
      `systemd-sysusers --inline '${USER}' || :`,
      "postinstall scriptlet (using /bin/sh):",
      `systemctl preset ${UNITS} || :`,
      "preuninstall scriptlet (using /bin/sh):",
      `[ $1 -ne 0 ] || systemctl disable --now ${UNITS} || :`,
      "postuninstall scriptlet (using /bin/sh):",
      "[ $1 -eq 0 ] || systemctl try-restart postern.service || :",
      "systemctl daemon-reload || :",
    ]);
  });

  test("leaves its user to rpm where that makes users", async () => {
    const sections = async (...words) => {
      const macros = ["--load", `${RECIPE}macros.debian`];
      const all = ["-P", SPEC, ...macros, ...words];
      const { stdout } = await run("rpmspec", all);
      return stdout.match(/^%\w+/gm);
    };
    const makesUser = async (release) =>
      (await sections("--define", release)).includes("%pre");
    assert.equal(await makesUser("fedora 41"), true);
    assert.equal(await makesUser("rhel 10"), true);
    assert.equal(await makesUser("fedora 42"), false);
  });

  test("is clean, but for the exceptions that have a reason", async () => {
    const words = [
      ...["--strict", "-c", `${RECIPE}rpmlint.toml`],
      ...["-r", `${RECIPE}postern.rpmlintrc`],
    ];
    const both = Object.values(packages);
    const said = run("rpmlint", [...words, ...both]);
    const { stdout } = await said.catch((error) => error);
    assert.match(stdout, /2 packages .* 0 errors, 0 warnings/);
  });

  test("is the same for the same commit", async () => {
    const words = ["-qp", "--qf", "%{PAYLOADDIGEST} %{BUILDTIME} %{BUILDHOST}"];
    const digests = [];
    const second = await build("second", 0o077);
    for (const { binary } of [packages, second]) {
      digests.push((await run("rpm", [...words, binary])).stdout);
    }
    assert.match(digests[0], /^[0-9a-f]{64} \d+ localhost$/);
    assert.equal(digests[1], digests[0]);
  });
});

describe("in an empty root", () => {
  let root;

  const rpm = (...words) => run("rpm", ["--root", root, ...words]);

  before(async () => {
    root = folder.at("root");
    await rpm("--initdb");
    await rpm("-i", "--nodeps", "--noscripts", packages.binary);
  });

  test("the program says its version", async () => {
    const { stdout } = await run(`${root}/usr/bin/postern`, ["--version"]);
    const version = await query("--qf", "%{VERSION}");
    assert.equal(stdout, `postern ${version}\n`);
  });

  test("the configuration is good", async () => {
    const words = ["check", "-c", root + CONFIGURATION];
    await run(`${root}/usr/bin/postern`, words);
  });

  test("only a configuration that was edited is left behind", async () => {
    await appendFile(root + CONFIGURATION, "# mine\n");
    await rpm("-e", "--nodeps", "--noscripts", "postern");
    for (const { name } of files.filter((file) => !file.isFolder)) {
      await assert.rejects(run("stat", [root + name]), name);
    }
    assert.deepEqual(await readdir(`${root}/etc/postern`), [
      "postern.conf.rpmsave",
    ]);
  });
});
