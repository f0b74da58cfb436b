// SPDX-License-Identifier: Apache-2.0
// The web server of the demo page: a fixed list of files, one port.
import { readFile } from "node:fs/promises";
import http from "node:http";

const HTML = "text/html; charset=utf-8";
const CSS = "text/css; charset=utf-8";
const SCRIPT = "text/javascript; charset=utf-8";
const FILES = {
  "/": ["page/index.html", HTML],
  "/page.css": ["page/page.css", CSS],
  "/page.js": ["page/page.js", SCRIPT],
  "/sparkline.js": ["page/sparkline.js", SCRIPT],
  "/mqtt.js": ["node_modules/mqtt/dist/mqtt.esm.js", SCRIPT],
};

// `settings` is what the page reads as /settings.json. Gives a function that
// ends the server.
export async function startPages(hosts, port, settings) {
  const answers = await readAnswers(settings);
  const servers = hosts.map(() => http.createServer(serve));
  await Promise.all(servers.map((server, i) => listen(server, port, hosts[i])));
  return () => {
    for (const server of servers) {
      server.close();
      server.closeAllConnections();
    }
  };

  function serve(request, response) {
    const answer = answers.get(new URL(request.url, "http://page").pathname);
    if (!answer) return response.writeHead(404).end("Not found\n");
    response.writeHead(200, {
      "Content-Type": answer.type,
      "Content-Security-Policy": securityPolicy(settings),
      "Cache-Control": "no-store",
    });
    response.end(answer.body);
  }
}

async function readAnswers(settings) {
  const answers = new Map();
  for (const [path, [file, type]] of Object.entries(FILES)) {
    const body = await readFile(new URL(file, import.meta.url));
    answers.set(path, { type, body });
  }
  const body = JSON.stringify(settings);
  return answers.set("/settings.json", { type: "application/json", body });
}

// What the page may load and whom it may call. MQTT.js keeps its timers in a
// worker made from a blob.
function securityPolicy({ ws, wss }) {
  const gateway = [ws, wss].flatMap((url) => {
    const { origin } = new URL(url.replace("ws", "http"));
    return [origin, origin.replace("http", "ws")];
  });
  return [
    "default-src 'self'",
    "worker-src blob:",
    "img-src data:",
    `connect-src 'self' ${gateway.join(" ")}`,
  ].join("; ");
}

function listen(server, port, host) {
  return new Promise((resolve, reject) => {
    server.once("error", reject);
    server.listen({ port, host, exclusive: true }, resolve);
  });
}
