// SPDX-License-Identifier: Apache-2.0
// The doctor names what is wrong behind the handshake: the broker, the login,
// the rights, and messages that get lost.
import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";

import { WebSocketServer } from "ws";

import {
  jsonRoute,
  mqttRoute,
  plant as upstreamOf,
} from "./fixtures/config.mjs";
import { expectFault, expectHealthy, visit } from "./fixtures/doctor.mjs";
import { Folder } from "./fixtures/folder.mjs";
import { brokerLogins, passwordFile } from "./fixtures/logins.mjs";
import { connack } from "./fixtures/packets.mjs";
import { Plant } from "./fixtures/plant.mjs";
import { freePort } from "./fixtures/ports.mjs";
import { ALLOWED } from "./fixtures/request.mjs";

const PASSWORD = "s3cret-of-anna";
const OURS = ["--origin", ALLOWED];
const SHORT = ["--timeout", "2"];
const AHEAD = 1024 * 1024; // octets that wait to be read
const PINGRESPS = Buffer.from("d000".repeat(1000), "hex");
const TOPIC = "plant/l1/try";
const SESSION = ["connect", "subscribe", "publish", "round-trip", "goodbye"];
const STEPS = ["dns", "tcp", "upgrade", "subprotocol", ...SESSION];

describe("the doctor, inside,", () => {
  let plant, folder, good, bad;

  before(async () => {
    folder = await Folder.create();
    good = await passwordFile(folder, "good", `${PASSWORD}\n`);
    bad = await passwordFile(folder, "bad", "n0t-the-password");
    const settings = await brokerLogins(folder, { anna: PASSWORD });
    const rules = {
      mute: ["allow sub plant/#"],
      deaf: ["allow pub plant/#"],
      all: ["allow pub,sub plant/#"],
    };
    const login = { username: "anna", password_file: good, inject: true };
    const wrong = { ...login, password_file: bad, name: "wrong" };
    plant = await Plant.start({ broker: { anonymous: false, settings } });
    const known = plant.wire.port;
    plant.second = await Plant.start({
      acls: Object.entries(rules).map(([name, list]) => ({
        name,
        rules: list,
      })),
      upstreams: [
        upstreamOf(known),
        { ...upstreamOf(known), ...login, name: "own" },
        { ...upstreamOf(known), ...wrong },
        { ...upstreamOf(await freePort()), name: "gone" },
      ],
      routes: [
        mqttRoute(),
        mqttRoute({ path: "/mute", acl: "mute" }),
        mqttRoute({ path: "/deaf", acl: "deaf" }),
        mqttRoute({ path: "/read", acl: "all", read_only: true }),
        mqttRoute({ path: "/wrong", upstream: "wrong", ...guests() }),
        mqttRoute({ path: "/gone", upstream: "gone" }),
        mqttRoute({ path: "/match", client_id: "match:${user}-${client}" }),
        jsonRoute({ path: "/json", upstream: "own", ...guests() }),
        jsonRoute({ path: "/jsonmute", upstream: "own", ...guests("mute") }),
        jsonRoute({ path: "/jsondeaf", upstream: "own", ...guests("deaf") }),
        jsonRoute({ path: "/jsonwrong", upstream: "wrong", ...guests() }),
        jsonRoute({ path: "/jsongone", upstream: "gone" }),
      ],
    });
  });
  after(async () => {
    await plant?.second?.stop();
    await plant?.stop();
    await folder?.remove();
  });

  const guests = (acl = "all") => ({ acl, anonymous: true });

  async function look(path, words = []) {
    const url = `ws://127.0.0.1:${plant.second.port}${path}`;
    const seen = await visit(url, [...OURS, "--topic", TOPIC, ...words]);
    assert.ok(!seen.out.includes(PASSWORD), "no password is ever shown");
    return seen;
  }

  const asAnna = () => ["--user", "anna", "--password-file", good];

  test("comes in with a login of its own", async () => {
    expectHealthy(await look("/mqtt", asAnna()), STEPS);
  });

  test("names a login that the broker refuses", async () => {
    const words = ["--user", "anna", "--password-file", bad];
    for (const more of [[], words]) {
      const seen = await look("/mqtt", more);
      const says = /CONNACK refuses \(code 13[45]\).*: (bad user|this login)/;
      expectFault(seen, "connect", says, /--user and --password-file/);
    }
  });

  test("names a login of the gateway that the broker refuses", async () => {
    const seen = await look("/wrong", SHORT);
    const mend = /username and password_file/;
    expectFault(seen, "connect", /refuses|closed with/, mend);
  });

  test("names a broker that is down", async () => {
    const seen = await look("/gone", SHORT);
    const says = /\(code 136\).*: server unavailable: .* not reach the broker/;
    expectFault(seen, "connect", says, /servers of the upstream/);
  });

  test("names a client id that the route does not take", async () => {
    const seen = await look("/match", asAnna());
    const says = /\(code 133\).*: the client id is refused/;
    expectFault(seen, "connect", says, /client_id of the route of "\/match"/);
  });

  test("names a publish that is refused", async () => {
    for (const path of ["/mute", "/read"]) {
      const seen = await look(path, asAnna());
      const says = /^to "plant\/l1\/try": refused: not authorised \(code 135\)/;
      const mend = /read_only = true, .* allows pub "plant\/l1\/try"/;
      expectFault(seen, "publish", says, mend);
      assert.match(seen.out, /^ok +subscribe/m);
      assert.match(seen.out, /^ok +goodbye/m);
    }
  });

  test("names a subscribe that is refused", async () => {
    const seen = await look("/deaf", asAnna());
    const says = /^to "plant\/l1\/try": refused: not authorised \(code 135\)/;
    expectFault(seen, "subscribe", says, /allows sub "plant\/l1\/try"/);
    assert.match(seen.out, /^ok +publish/m);
  });

  test("finds all well on a json route with a login", async () => {
    expectHealthy(await look("/json"), STEPS);
  });

  test("json: names a publish that is refused", async () => {
    const seen = await look("/jsonmute");
    const says = /refused: "not_authorized": /;
    expectFault(seen, "publish", says, /allows pub "plant\/l1\/try"/);
    assert.match(seen.out, /^ok +goodbye/m);
  });

  test("json: names a subscribe that is refused", async () => {
    const seen = await look("/jsondeaf");
    const says = /refused: "not_authorized": /;
    expectFault(seen, "subscribe", says, /allows sub "plant\/l1\/try"/);
    assert.match(seen.out, /^ok +publish/m);
  });

  test("json: names a login of the gateway that is refused", async () => {
    const seen = await look("/jsonwrong");
    const says = /closed with 4503 "upstream_refused": .* own login/;
    expectFault(seen, "connect", says, /username and password_file/);
  });

  test("json: names a broker that is down", async () => {
    const seen = await look("/jsongone", SHORT);
    const says = /does not reach the broker, .* upstream is "\w+"/;
    expectFault(seen, "connect", says, /servers of the upstream/);
  });
});

describe("the doctor, at a broker of its own mind,", () => {
  async function at(script, words = []) {
    const plant = await Plant.start({ script });
    try {
      return await visit(plant.url, [...OURS, ...words]);
    } finally {
      await plant.stop();
    }
  }

  async function welcomed(link) {
    const { level } = await link.next();
    link.write(connack({ level }));
  }

  test("names a broker that never answers", async () => {
    const seen = await at(async (link) => link.next(), SHORT);
    const says = /^no CONNACK within 2 s/;
    expectFault(seen, "connect", says, /see that the broker answers/);
  });

  test("names what is no broker at all", async () => {
    const seen = await at(async (link) => link.write(Buffer.from("HTTP/1.1")));
    const says = /closed with 1014 "upstream_garbage": .* no MQTT broker/;
    expectFault(seen, "connect", says, /servers of the upstream/);
  });

  test("says what the broker says", async () => {
    const seen = await at(async (link) => {
      const { level } = await link.next();
      link.end(connack({ level, code: 0x8a }));
    });
    const says = /CONNACK refuses \(code 138\).*: the broker has banned/;
    expectFault(seen, "connect", says, /bans/);
  });

  test("names a broker that hangs up after the login", async () => {
    const seen = await at(async (link) => {
      await welcomed(link);
      await link.next();
      link.destroy();
    });
    const says = /^no SUBACK, closed with 1012 "upstream_closed"/;
    expectFault(seen, "subscribe", says, /the broker's log says why/);
  });

  test("names a message that never comes back", async () => {
    const seen = await at(async (link) => {
      await welcomed(link);
      const { bytes } = await link.expect("subscribe");
      link.write(Buffer.from([0x90, 4, bytes[2], bytes[3], 0, 1]));
      for (;;) {
        await link.expect("publish");
        link.write(Buffer.from([0x40, 2, 0, 2]));
      }
    }, SHORT);
    const says = /acknowledged, but did not come back within 2 s/;
    expectFault(seen, "round-trip", says, /allows pub/);
  });
});

describe("the doctor, at a server that ends the session,", () => {
  // A WebSocket server that does this once a client is there.
  async function at(serve) {
    const server = new WebSocketServer({
      port: 0,
      host: "127.0.0.1",
      handleProtocols: (offered) => (offered.has("mqtt") ? "mqtt" : false),
    });
    server.on("connection", (socket) => {
      socket.on("error", () => {});
      serve(socket);
    });
    await new Promise((resolve) => server.once("listening", resolve));
    try {
      const url = `ws://127.0.0.1:${server.address().port}/mqtt`;
      return await visit(url, [...OURS, ...SHORT]);
    } finally {
      for (const socket of server.clients) socket.terminate();
      await new Promise((resolve) => server.close(resolve));
    }
  }

  test("names a gateway that is about to stop", async () => {
    const seen = await at((socket) => socket.close(1001, "drain"));
    const says = /^no CONNACK, closed with 1001 "drain": .* about to stop/;
    expectFault(seen, "connect", says, /wait until it is back/);
  });

  test("names a connection that is cut", async () => {
    const seen = await at((socket) => socket.terminate());
    const says = /^no CONNACK: the connection ended without a word/;
    expectFault(seen, "connect", says, /proxy between may cut/);
  });

  test("names what is no MQTT", async () => {
    const seen = await at((socket) => socket.send("hello"));
    const says = /^no CONNACK: what came is no WebSocket, or not in this/;
    expectFault(seen, "connect", says, /kind of the route/);
  });

  // Of each there is always one more to be read.
  for (const [name, send] of [
    ["pings", (socket) => socket.ping()],
    ["packets", (socket) => socket.send(PINGRESPS)],
  ]) {
    test(`is not held up for ever by ${name} that never end`, async () => {
      const seen = await at((socket) => {
        const pour = () => {
          if (socket.readyState !== socket.OPEN) return;
          while (socket.bufferedAmount < AHEAD) send(socket);
          setImmediate(pour);
        };
        pour();
      });
      expectFault(seen, "connect", /^no CONNACK within 2 s/, /broker answers/);
    });
  }
});
