// SPDX-License-Identifier: Apache-2.0
// HAProxy that ends TLS in front of a broker: the hop that ours is compared
// with. One thread, on a free port, with everything in a temporary folder.
import net from "node:net";
import { readFile } from "node:fs/promises";

import { freePort } from "../flow/fixtures/ports.mjs";
import { Process } from "../flow/fixtures/process.mjs";
import { until } from "../flow/fixtures/wait.mjs";

const HAPROXY = process.env.HAPROXY ?? "/usr/sbin/haproxy";

export class HAProxy {
  #process;

  static async start({ folder, certificate, key, to }) {
    const haproxy = new HAProxy();
    haproxy.port = await freePort();
    const pair = [await readFile(certificate), await readFile(key)].join("\n");
    const pem = await folder.write("haproxy.pem", pair);
    const text = configuration(haproxy.port, pem, to);
    const file = await folder.write("haproxy.cfg", text);
    haproxy.#process = new Process(HAPROXY, ["-db", "-f", file]);
    await until(() => haproxy.#accepts(), { what: "haproxy accepts" });
    return haproxy;
  }

  get pid() {
    return this.#process.pid;
  }

  async stop() {
    this.#process.kill();
    await this.#process.ended();
  }

  #accepts() {
    if (this.#process.exit) throw new Error(`it ended: ${this.#process.text}`);
    return new Promise((resolve) => {
      const socket = net.connect(this.port, "127.0.0.1");
      socket.once("error", () => resolve(false));
      socket.once("connect", () => {
        socket.destroy();
        resolve(true);
      });
    });
  }
}

function configuration(port, pem, to) {
  return `global
  nbthread 1
  maxconn 4000
defaults
  mode tcp
  timeout connect 5s
  timeout client 10m
  timeout server 10m
frontend browsers
  bind 127.0.0.1:${port} ssl crt ${pem}
  default_backend broker
backend broker
  server broker 127.0.0.1:${to}
`;
}
