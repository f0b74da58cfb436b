// SPDX-License-Identifier: Apache-2.0
// Bash completes the command line of postern, with and without the package
// bash-completion.
import assert from "node:assert/strict";
import { mkdir, stat } from "node:fs/promises";
import { after, before, describe, test } from "node:test";
import { fileURLToPath } from "node:url";

import { postern } from "../flow/fixtures/command.mjs";
import { configText } from "../flow/fixtures/config.mjs";
import { Folder } from "../flow/fixtures/folder.mjs";
import { HELPERS, complete } from "./fixtures/bash.mjs";

const BUILT = fileURLToPath(
  new URL("../../build/gateway/postern", import.meta.url),
);
const PROGRAM = process.env.POSTERN_RELEASE ?? BUILT;
const COMPLAINT = /\.conf:|: command not found|: line \d|compopt:/;
const route = { upstream: "plant", absent: "allow" };
const ROUTES = [
  { path: "/mqtt", ...route },
  { path: "/map tiles", ...route },
  { path: "/$(touch here)", ...route },
  { path: "/json", kind: "json", ...route },
];

let folder;

before(async () => {
  folder = await Folder.create();
  const config = configText({ port: 8083, brokerPort: 1883, routes: ROUTES });
  await folder.write("plant.conf", config);
  await folder.write("broken.conf", "routes = (");
  await mkdir(folder.at("plants"));
});
after(() => folder?.remove());

for (const helpers of [null, HELPERS]) {
  describe(helpers ? "with bash-completion" : "without bash-completion", () => {
    // What stands behind the last blank of `words` before, and after.
    async function offered(words) {
      const line = `${PROGRAM} ${words}`;
      const where = { helpers, cwd: folder.path };
      const { words: all, seen } = await complete(line, where);
      assert.doesNotMatch(seen, COMPLAINT);
      const kept = line.replace(/[^ ]*$/, "").trim().split(/ +/);
      assert.deepEqual(all.slice(0, kept.length), kept);
      return all.slice(kept.length);
    }

    test("the commands", async () => {
      const { out } = await postern(["--help"], { release: true });
      const commands = [...out.matchAll(/^ {2}postern ([a-z][a-z-]*) /gm)];
      const words = [...commands.map((x) => x[1]), "--version", "--help"];
      assert.deepEqual((await offered("")).sort(), words.sort());
      assert.deepEqual(await offered("print"), ["print-config"]);
    });

    test("the options of each command, as its help has them", async () => {
      for (const command of await offered("")) {
        if (command.startsWith("-")) continue;
        const { out } = await postern([command, "--help"], { release: true });
        const told = out.matchAll(/(?<=[\s[|])(?:-c|--[a-z-]+)\b/g);
        const words = new Set([...[...told].map(([word]) => word), "--help"]);
        assert.deepEqual((await offered(`${command} -`)).sort(), [...words].sort());
      }
    });

    test("names of files where there is to be one", async () => {
      for (const words of ["check -c", "doctor --ca", "doctor --password-file"]) {
        assert.deepEqual(await offered(`${words} pla`), ["plant.conf", "plants"]);
      }
    });

    test("the routes of the file on the command line, nothing run", async () => {
      const paths = ROUTES.map(({ path }) => path).sort();
      const asked = "can -c plant.conf --route ";
      assert.deepEqual((await offered(asked)).sort(), paths);
      assert.deepEqual(await offered(`${asked}/j`), ["/json"]);
      await assert.rejects(stat(folder.at("here")));
    });

    test("no routes where the file is broken or missing", async () => {
      assert.deepEqual(await offered("can -c broken.conf --route "), []);
      assert.deepEqual(await offered("can -c none.conf --route "), []);
    });

    test("what can may be asked, and once only", async () => {
      const words = ["origin", "publish", "receive", "retain", "subscribe"];
      const all = await offered("can --route /mqtt ");
      assert.deepEqual(all.filter((word) => !word.startsWith("-")), words);
      assert.deepEqual(await offered("can re"), ["receive", "retain"]);
      assert.deepEqual(await offered("can publish a/b s"), ["s"]); // nothing
      assert.deepEqual(await offered("can publish "), []);
    });

    test("words with a colon", async () => {
      assert.deepEqual(await offered("serve --listen 127.0.0.1:"), ["127.0.0.1:8083"]);
      assert.deepEqual(await offered("serve --upstream mqtts:"), ["mqtts://"]);
      assert.deepEqual(await offered("doctor wss"), ["wss://"]);
      const file = "serve -c plant.conf --or";
      assert.deepEqual(await offered(file), ["--origin"]);
      assert.deepEqual(await offered("who 127.0.0.1:49054 --js"), ["--json"]);
    });
  });
}
