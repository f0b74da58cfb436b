// SPDX-License-Identifier: Apache-2.0
// A page comes in only from an origin on the route's list.
import assert from "node:assert/strict";
import { after, afterEach, before, describe, test } from "node:test";

import { mqttRoute } from "./fixtures/config.mjs";
import { Plant } from "./fixtures/plant.mjs";
import { handshake } from "./fixtures/websocket.mjs";

const APP = "https://app.example.com";
const PUBLIC = "https://plant.example.com:8084";

describe("an Origin", () => {
  let plant;

  before(async () => {
    plant = await Plant.start({
      listener: {
        public_urls: [PUBLIC, "http://localhost", "http://127.0.0.1"],
      },
      routes: [
        mqttRoute({ path: "/mqtt", origins: ["http://allowed.test"] }),
        mqttRoute({ path: "/app", origins: [APP] }),
        mqttRoute({ path: "/self", origins: ["self"] }),
        mqttRoute({ path: "/wild", origins: ["https://*.example.com"] }),
        mqttRoute({ path: "/null", origins: ["null"] }),
        mqttRoute({ path: "/none", origins: [] }),
        mqttRoute({ path: "/port", origins: ["http://localhost:*"] }),
        mqttRoute({ path: "/native", origins: [APP], absent: "allow" }),
        mqttRoute({
          path: "/any",
          origins: ["*"],
          allow_any_origin: true,
        }),
        mqttRoute({
          path: "/address",
          origins: ["http://127.0.0.1:8080", "http://[::1]:8080"],
        }),
      ],
    });
  });
  after(() => plant?.stop({ hostile: true }));
  afterEach(() => plant.unaffected());

  // `rest`: further options of the handshake.
  async function gets(status, target, origin, rest = {}) {
    const { port } = plant;
    const host = "localhost";
    const options = { port, target, origin, host, ...rest };
    const answer = await handshake(options);
    answer.socket.destroy();
    assert.equal(answer.status, status, `${target} ${origin}`);
    assert.doesNotMatch(answer.body, /origin|example|evil/i);
  }

  const at = (target, status, ...origins) => {
    for (const origin of origins) {
      const name = JSON.stringify(origin);
      test(`${name} at ${target} gets ${status}`, async () => {
        await gets(status, target, origin);
      });
    }
  };

  at("/app", 101, APP, "HTTPS://APP.Example.COM", `${APP}:443`, ` ${APP}\t`);
  at(
    "/app",
    403,
    null,
    "",
    "null",
    "http://app.example.com",
    `${APP}/`,
    `${APP}:8443`,
    `${APP}:0443`,
    `${APP}:`,
    `${APP}.`,
    "https://app.example.co",
    `${APP}.evil.test`,
    "https://evil-app.example.com",
    "https://x.app.example.com",
    "https://example.com",
    `${APP}@evil.test`,
    `https://evil.test#${APP}`,
    "https://evil.test\\.app.example.com",
    `${APP}\0.evil.test`,
    `\0${APP}`,
    `${APP},https://evil.test`,
    `${APP} https://evil.test`,
    "wss://app.example.com",
    "app.example.com",
    "https://app.exampl%65.com",
    "https://\u00e4pp.example.com",
    `${APP}${"x".repeat(310 - APP.length)}`,
    `${APP}${"x".repeat(4000)}`,
    PUBLIC,
  );
  at("/self", 101, PUBLIC, "http://localhost", "http://localhost:80");
  at("/self", 403, "https://plant.example.com", APP, "null", null);
  at("/wild", 101, "https://a.example.com", "https://a.b.example.com");
  at(
    "/wild",
    403,
    "https://example.com",
    "https://evilexample.com",
    "https://.example.com",
    "https://a..example.com",
    "https://*.example.com",
    "http://a.example.com",
    "https://a.example.com:8443",
    "https://a.example.com.evil.test",
  );
  at("/null", 101, "null");
  at("/null", 403, "NULL", APP, null);
  at("/none", 403, APP, "null", null);
  at("/port", 101, "http://localhost", "http://localhost:3000");
  at("/port", 403, "https://localhost", "http://localhost.evil.test:3000");
  at("/native", 101, null, APP);
  at("/native", 403, "", "null", "https://evil.test");
  at("/any", 101, APP, "https://evil.test");
  at("/any", 403, "null", null, "nonsense");
  at(
    "/address",
    101,
    "http://127.0.0.1:8080",
    "http://[::1]:8080",
    "http://[0:0:0:0:0:0:0:1]:8080",
  );
  at(
    "/address",
    403,
    "http://127.1:8080",
    "http://2130706433:8080",
    "http://0177.0.0.1:8080",
    "http://0x7f.0.0.1:8080",
    "http://[::ffff:127.0.0.1]:8080",
    "http://::1:8080",
  );

  describe("in more than one field gets 400", () => {
    const EVIL = "https://evil.test";
    for (const [name, origin] of Object.entries({
      "two equal ones": [APP, APP],
      "good, then evil": [APP, EVIL],
      "evil, then good": [EVIL, APP],
      "empty, then good": ["", APP],
      "good, then empty": [APP, ""],
    })) {
      test(name, () => gets(400, "/app", origin));
      test(`${name}, where it may be absent`, () =>
        gets(400, "/native", origin));
    }

    test("one of them named Sec-WebSocket-Origin", () =>
      gets(400, "/app", APP, { more: [`Sec-WebSocket-Origin: ${EVIL}`] }));
  });

  test("in Sec-WebSocket-Origin is judged as one", async () => {
    const more = ["Sec-WebSocket-Origin: https://evil.test"];
    await gets(403, "/native", null, { more });
  });

  test("with a blank before its colon is none", async () => {
    await gets(403, "/app", null, { more: [`Origin : ${APP}`] });
  });

  test("refused never reaches the broker's port", async () => {
    const before = plant.wire.connections;
    for (let i = 0; i < 20; i++) await gets(403, "/app", "https://evil.test");
    assert.equal(plant.wire.connections, before);
  });
});
