// SPDX-License-Identifier: Apache-2.0
// postern in front of the old broker: its configuration, and the program.
import { writeFile } from "node:fs/promises";
import path from "node:path";

import { Program } from "./program.mjs";

const BUILT = new URL("../../build/gateway/postern", import.meta.url).pathname;

export async function startGateway(folder, plan) {
  const file = path.join(folder, "postern.conf");
  await writeFile(file, configuration(plan));

  const gateway = new Program("postern", BUILT, ["serve", "-c", file]);
  let isReady = false;
  gateway.onLine((line) => (isReady ||= /^ready\b/.test(line)));
  await gateway.ready(() => isReady);
  return gateway;
}

function configuration({ hosts, ports, tls, origins }) {
  const listeners = hosts.flatMap((host) => [
    `{ address = "${host}"; port = ${ports.ws}; }`,
    `{ address = "${host}"; port = ${ports.wss}; tls = {
        certificate = "${tls.certificate}";
        key = "${tls.key}"; }; }`,
  ]);
  return `# Written by scripts/quickstart.
listeners = (
    ${listeners.join(",\n    ")}
);
upstreams = (
    { name = "plant"; servers = ["mqtt://127.0.0.1:${ports.broker}"]; }
);
routes = (
    { path = "/mqtt"; kind = "mqtt"; upstream = "plant";
      ${originsSetting(origins)} }
);
admin = { listen = "127.0.0.1:${ports.admin}"; };
drain = { timeout_s = 1; spread_s = 0; };
`;
}

// The setting that lets the pages of `origins` in, as a user would write it.
export function originsSetting(origins) {
  const list = origins.map((origin) => JSON.stringify(origin)).join(", ");
  return `origins = [${list}];`;
}
