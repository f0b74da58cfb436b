// SPDX-License-Identifier: Apache-2.0
// The old plant broker: a private mosquitto with a TCP listener and nothing
// else. Devices know it, browsers cannot reach it.
import { writeFile } from "node:fs/promises";
import net from "node:net";
import path from "node:path";

import { Program } from "./program.mjs";

export async function startBroker(folder, port) {
  const file = path.join(folder, "mosquitto.conf");
  const settings = [
    `listener ${port} 127.0.0.1`,
    "allow_anonymous true",
    "persistence false",
    "log_dest stderr",
    "log_type error",
    "log_type warning",
  ];
  await writeFile(file, settings.join("\n") + "\n");

  const broker = new Program("mosquitto", "mosquitto", ["-c", file]);
  await broker.ready(() => accepts(port));
  return broker;
}

function accepts(port) {
  return new Promise((resolve) => {
    const socket = net.connect(port, "127.0.0.1");
    socket.once("error", () => resolve(false));
    socket.once("connect", () => {
      socket.destroy();
      resolve(true);
    });
  });
}
