// SPDX-License-Identifier: Apache-2.0
// The doctor names why a handshake is refused, and which setting lets it in:
// by a gateway, or by another server that stands there.
import assert from "node:assert/strict";
import http from "node:http";
import { after, afterEach, before, describe, test } from "node:test";

import { mqttRoute } from "./fixtures/config.mjs";
import { expectFault, visit } from "./fixtures/doctor.mjs";
import { Plant } from "./fixtures/plant.mjs";
import { freePorts } from "./fixtures/ports.mjs";
import { ALLOWED } from "./fixtures/request.mjs";
import { handshake } from "./fixtures/websocket.mjs";

const OURS = ["--origin", ALLOWED];

describe("the doctor, at a handshake that a gateway refuses,", () => {
  let plant, named, narrow;

  before(async () => {
    const address = "127.0.0.1";
    const [port, other, few] = await freePorts(3);
    named = other;
    narrow = few;
    plant = await Plant.start({
      listeners: [
        { address, port },
        { address, port: other, public_urls: ["https://plant.example.com"] },
        { address, port: few, connections_per_address: 1 },
      ],
      routes: [
        mqttRoute(),
        mqttRoute({ path: "/old", subprotocols: ["mqttv3.1"] }),
        mqttRoute({ path: "/one", limits: { sessions: 1 } }),
      ],
    });
    plant.port = port;
  });
  after(() => plant?.stop());

  const url = (path, port = plant.port) => `ws://127.0.0.1:${port}${path}`;

  test("names the origin, and the line that lets it in", async () => {
    const seen = await visit(url("/mqtt"), ["--origin", "https://dash.test"]);
    const says = /^403: pages of the origin "https:\/\/dash\.test" are not/;
    const mend = /route of "\/mqtt", add it: origins = \["https:\/\/dash.test"\];/;
    expectFault(seen, "upgrade", says, mend);
  });

  test("names an origin that is null", async () => {
    const seen = await visit(url("/mqtt"), ["--origin", "null"]);
    const mend = /origins = \["null"\]/;
    expectFault(seen, "upgrade", /^403: .* origin "null"/, mend);
  });

  test("names a path that no route has", async () => {
    const seen = await visit(url("/mqtt/"), OURS);
    const says = /^404: no route has the path "\/mqtt\/"/;
    expectFault(seen, "upgrade", says, /trailing slash/);
  });

  test("names a host that the listener does not go by", async () => {
    const seen = await visit(url("/mqtt", named), OURS);
    const host = `127\\.0\\.0\\.1:${named}`;
    const says = new RegExp(`^421: .* the name "${host}"`);
    const mend = new RegExp(`add "http://${host}" to public_urls`);
    expectFault(seen, "upgrade", says, mend);
  });

  test("names a route that knows other subprotocols", async () => {
    const seen = await visit(url("/old"), OURS);
    const says = /^400: the route knows none of the subprotocols "mqtt" and/;
    expectFault(seen, "upgrade", says, /subprotocols of the route of "\/old"/);
  });

  test("names a limit for each address", async () => {
    const { socket } = await handshake({ port: narrow });
    const seen = await visit(url("/mqtt", narrow), OURS);
    const says = /^429, Retry-After: "\d+": too many from one address/;
    expectFault(seen, "upgrade", says, /connections_per_address/);
    socket.destroy();
  });

  test("names a gateway that takes no more", async () => {
    const { socket } = await handshake({ port: plant.port, target: "/one" });
    const seen = await visit(url("/one"), OURS);
    const says = /^503, Retry-After: "\d+": the gateway takes no more/;
    expectFault(seen, "upgrade", says, /sessions in limits/);
    socket.destroy();
  });
});

describe("the doctor, at a server that is no postern,", () => {
  let server, url;

  afterEach(() => {
    server.closeAllConnections();
    return new Promise((resolve) => server.close(resolve));
  });

  // Answers each upgrade, and each request, with this.
  async function answers(status, headers = {}, body = "<html>") {
    const text = Object.entries({ "Content-Length": body.length, ...headers })
      .map(([name, value]) => `${name}: ${value}\r\n`)
      .join("");
    server = http.createServer((_, response) => {
      response.writeHead(status, headers).end(body);
    });
    server.on("upgrade", (_, socket) => {
      socket.on("error", () => {});
      socket.end(`HTTP/1.1 ${status} x\r\n${text}\r\n${body}`);
    });
    await new Promise((resolve) => server.listen(0, "127.0.0.1", resolve));
    url = `ws://127.0.0.1:${server.address().port}/mqtt`;
    return visit(url, OURS);
  }

  test("names a web page", async () => {
    const seen = await answers(200, { Server: "nginx" });
    const says = /^200, Server: "nginx": a web page in place of an upgrade/;
    expectFault(seen, "upgrade", says, /proxy_set_header Upgrade/);
  });

  test("tells its 404 from one of ours", async () => {
    const seen = await answers(404, { Server: "Apache" });
    const says = /^404, Server: "Apache": another server answers/;
    expectFault(seen, "upgrade", says, /pass "\/mqtt" on to postern/);
  });

  test("names where it is sent instead", async () => {
    const seen = await answers(301, { Location: "https://x.test/mqtt" });
    const says = /^301, Location: "https:\/\/x\.test\/mqtt": .* elsewhere/;
    expectFault(seen, "upgrade", says, /use the URL that it names/);
  });

  test("names a proxy with nothing behind it", async () => {
    const seen = await answers(502, { Server: "nginx/1.22" });
    const says = /^502, Server: "nginx\/1\.22": the proxy .* not reach postern/;
    expectFault(seen, "upgrade", says, /see that postern runs/);
  });

  test("names an upgrade that was lost before the gateway", async () => {
    const body =
      "This is a WebSocket endpoint: connect with a WebSocket client.\n";
    const seen = await answers(426, {}, body);
    const says = /^426: the request came without its upgrade/;
    expectFault(seen, "upgrade", says, /proxy_http_version 1\.1/);
  });

  test("names a status that it never heard of", async () => {
    const seen = await answers(418);
    expectFault(seen, "upgrade", /^418: no answer of a postern/, /web server/);
  });

  test("names an accept that is not to its key", async () => {
    const seen = await answers(101, { "Sec-WebSocket-Accept": "x" }, "");
    const says = /^101, but with a wrong Sec-WebSocket-Accept/;
    expectFault(seen, "upgrade", says, /no WebSocket server/);
  });

  test("shows what strangers write harmless", async () => {
    const seen = await answers(500, { Server: 'a"\x1b]0;x\x07' });
    const says = /^500, Server: "a\\"\\x1b\]0;x\\x07":/;
    expectFault(seen, "upgrade", says, /web server/);
    assert.doesNotMatch(seen.out, /\x1b/);
  });
});
