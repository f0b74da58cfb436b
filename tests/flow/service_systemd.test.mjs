// SPDX-License-Identifier: Apache-2.0
// The gateway as a service of a real systemd, started by its sockets.
import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { after, before, describe, test } from "node:test";
import { fileURLToPath } from "node:url";

import { Broker } from "./fixtures/broker.mjs";
import { Browser } from "./fixtures/browser.mjs";
import { configText } from "./fixtures/config.mjs";
import { Folder } from "./fixtures/folder.mjs";
import { freePort } from "./fixtures/ports.mjs";
import { Systemd } from "./fixtures/systemd.mjs";
import { until } from "./fixtures/wait.mjs";
import { handshake } from "./fixtures/websocket.mjs";

const BUILT = new URL("../../build/gateway/postern", import.meta.url);
const PROGRAM = process.env.POSTERN ?? fileURLToPath(BUILT);
const SERVICE = "postern.service";
const SOCKET = "postern.socket";
const RUNNING = { ActiveState: "active", SubState: "running" };
const DEADLINE = { deadline: 30000 };
const HEARD = [101, 503, 0]; // by who comes while one gateway follows another

const folder = await Folder.create();
let systemd, skip;
try {
  systemd = await Systemd.boot(folder);
} catch (error) {
  skip = error.message;
}
after(async () => {
  await systemd?.stop();
  await folder.remove();
});

describe("under systemd", { skip }, () => {
  let broker, port, path;

  const log = () => readFile(folder.at("log"), "utf8");
  const service = `
    [Unit]
    DefaultDependencies=no
    [Service]
    Type=notify
    WatchdogSec=5
    Restart=on-failure
    RestartSec=0
    KillMode=mixed
    StandardOutput=null
    StandardError=append:${folder.at("log")}
    ExecStart="${PROGRAM}" serve -c ${folder.at("postern.conf")}`;

  before(async () => {
    broker = await Broker.start();
    port = await freePort();
    path = folder.at("ws.sock");
    const sockets = `
      [Unit]
      DefaultDependencies=no
      [Socket]
      ListenStream=127.0.0.1:${port}
      ListenStream=${path}`;
    const listeners = [{ address: "127.0.0.1", port }, { unix: path }];
    const settings = { listeners, brokerPort: broker.port, workers: 2 };
    await folder.write("postern.conf", configText(settings));
    await folder.write(SERVICE, unit(service));
    await folder.write(SOCKET, unit(sockets));
    await systemd.control("daemon-reload");
    await systemd.control("start", SOCKET);
  });
  after(() => broker?.stop());

  async function carries(way = { port }) {
    const browser = await Browser.open({ ...way, ...DEADLINE });
    await browser.subscribe("echo");
    browser.publish("echo", "hello");
    assert.equal((await browser.message()).payload.toString(), "hello");
    await browser.leave();
  }

  test("the first browser starts it, and gets its session", async () => {
    assert.equal((await systemd.show(SERVICE)).ActiveState, "inactive");
    await carries();
    await carries({ path, host: "localhost" });
    const shown = await systemd.until(SERVICE, RUNNING);
    assert.equal(shown.StatusText, "2 workers, 2 listeners");
  });

  test("all can connect while it is restarted", async () => {
    const { MainPID } = await systemd.show(SERVICE);
    const statuses = [];
    let goesOn = true;
    const come = async () => {
      while (goesOn) {
        const answer = await handshake({ port, ...DEADLINE });
        answer.socket.destroy();
        statuses.push(answer.status);
      }
    };
    const coming = [come(), come()];
    await systemd.control("restart", SERVICE);
    goesOn = false;
    await Promise.all(coming);
    const odd = statuses.filter((status) => !HEARD.includes(status));
    assert.deepEqual(odd, []);
    const shown = await systemd.until(SERVICE, RUNNING);
    assert.notEqual(shown.MainPID, MainPID);
    await carries();
  });

  test("a master that hangs is replaced by its watchdog", async () => {
    const { MainPID } = await systemd.show(SERVICE);
    const words = ["--kill-whom=main", "--signal=STOP", SERVICE];
    await systemd.control("kill", ...words);
    const isAnother = async () => {
      const shown = await systemd.show(SERVICE);
      const isOver = shown.SubState === "running" && shown.MainPID !== MainPID;
      return isOver && shown.NRestarts > 0;
    };
    await until(isAnother, { ...DEADLINE, what: "another master" });
    await carries();
  });

  test("it ends in good order, and the next browser starts it", async () => {
    await systemd.control("stop", SERVICE);
    const shown = await systemd.show(SERVICE);
    assert.equal(shown.StatusText, "draining, 0 sessions");
    assert.equal(shown.Result, "success");
    assert.equal(shown.ExecMainStatus, "0", await log());
    await carries({ path, host: "localhost" });
    await systemd.until(SERVICE, RUNNING);
  });
});

// Without the indentation that it has here.
function unit(text) {
  return text.replace(/^ +/gm, "").trimStart() + "\n";
}
