// SPDX-License-Identifier: Apache-2.0
// The units that the package installs, as systemd judges them.
import assert from "node:assert/strict";
import { existsSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { after, before, describe, test } from "node:test";

import { Folder } from "../flow/fixtures/folder.mjs";
import { builtOnce, programIn, run } from "./fixtures/deb.mjs";

const MOST = 15; // exposure, in tenths
const ANY = /./;

// What it is started by, may use, and cannot do.
const WANTED = {
  Type: "notify",
  NotifyAccess: "main",
  WatchdogSec: "20",
  Restart: "on-failure",
  RestartSec: "1",
  RestartPreventExitStatus: "78",
  StartLimitIntervalSec: "60",
  StartLimitBurst: "10",
  ExecStartPre: "-/usr/bin/postern check",
  ExecStart: "/usr/bin/postern serve",
  ExecReload: "/usr/bin/postern reload",
  KillMode: "mixed",
  TimeoutStopSec: "45",
  User: "postern",
  Group: "postern",
  UMask: "0077",
  RuntimeDirectory: "postern",
  CapabilityBoundingSet: "",
  AmbientCapabilities: "",
  SystemCallFilter: ["@system-service", "~@privileged @resources @obsolete"],
  SystemCallArchitectures: "native",
  SystemCallErrorNumber: "EPERM",
  RestrictNamespaces: "yes",
  RestrictAddressFamilies: "AF_INET AF_INET6 AF_UNIX AF_NETLINK",
  NoNewPrivileges: "yes",
  RestrictSUIDSGID: "yes",
  LockPersonality: "yes",
  MemoryDenyWriteExecute: "yes",
  RestrictRealtime: "yes",
  ProtectSystem: "strict",
  ProtectHome: "yes",
  PrivateTmp: "yes",
  PrivateDevices: "yes",
  DevicePolicy: "closed",
  PrivateMounts: "yes",
  PrivateIPC: "yes",
  RemoveIPC: "yes",
  PrivateUsers: "yes",
  ProtectProc: "invisible",
  ProcSubset: "pid",
  KeyringMode: "private",
  ProtectHostname: "yes",
  ProtectClock: "yes",
  ProtectKernelTunables: "yes",
  ProtectKernelModules: "yes",
  ProtectKernelLogs: "yes",
  ProtectControlGroups: "yes",
  NoExecPaths: "/",
  ExecPaths: /^\/usr\/bin\/postern /,
  LimitNOFILE: "65536",
  LimitCORE: "0",
  TasksMax: "512",
  MemoryHigh: ANY,
  MemoryMax: ANY,
  OOMPolicy: "stop",
};

// The machine with the files of the package laid over its own.
const OVER = `
  set -e
  lay() { mount -t overlay -o "lowerdir=$1$2:$2" overlay "$2"; }
  lay "$0" /usr/bin
  lay "$0" "$1"
  shift
  exec "$@"`;

describe("the units of the package", () => {
  let folder, root, units;

  const over = (...words) =>
    run("unshare", ["-m", "sh", "-c", OVER, root, units, ...words]).catch(
      ({ stdout, stderr }) => assert.fail(stdout + stderr),
    );
  const text = (name) => readFile(`${root}${units}/${name}`, "utf8");

  before(async () => {
    folder = await Folder.create();
    root = folder.at("root");
    await run("dpkg-deb", ["-x", await programIn(await builtOnce()), root]);
    const usual = "/lib/systemd/system"; // up to Debian 12
    units = existsSync(root + usual) ? usual : `/usr${usual}`;
  });
  after(() => folder?.remove());

  for (const name of ["postern.service", "postern.socket"]) {
    test(`${name} is right to the last word`, async () => {
      const words = ["systemd-analyze", "verify", "--man=no"];
      const { stdout, stderr } = await over(...words, `${units}/${name}`);
      assert.equal(stdout + stderr, "");
    });
  }

  test("the service is exposed as little as it can be", async () => {
    const words = ["--offline=true", `--threshold=${MOST}`, "postern.service"];
    await over("systemd-analyze", "security", "--no-pager", ...words);
  });

  test("each directive of its sandbox is there", async () => {
    const found = settingsOf(await text("postern.service"));
    for (const [name, wanted] of Object.entries(WANTED)) {
      const values = found.get(name);
      if (wanted instanceof RegExp) assert.match(values?.join() ?? "", wanted);
      else assert.deepEqual(values, [wanted].flat(), name);
    }
  });

  test("the socket is that of the configuration as it comes", async () => {
    const { ListenStream } = Object.fromEntries(
      settingsOf(await text("postern.socket")),
    );
    const config = `${root}/etc/postern/postern.conf`;
    const { stdout } = await run(`${root}/usr/bin/postern`, [
      "print-config",
      "-c",
      config,
    ]);
    const address = /^\s*address = "([\d.]+)";$/m.exec(stdout)[1];
    const port = /^\s*port = (\d+);$/m.exec(stdout)[1];
    assert.deepEqual(ListenStream, [`${address}:${port}`]);
  });
});

// The values of each name, in order.
function settingsOf(text) {
  const settings = new Map();
  for (const line of text.split("\n")) {
    const [, name, value] = /^(\w+)=(.*)$/.exec(line) ?? [];
    if (name) settings.set(name, [...(settings.get(name) ?? []), value]);
  }
  return settings;
}
