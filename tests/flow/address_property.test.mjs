// SPDX-License-Identifier: Apache-2.0
// A route with address_property: each CONNECT of MQTT 5 tells the broker the
// client's address in a user property, and no client can.
import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";

import { Channel } from "./fixtures/channel.mjs";
import { channelRoute } from "./fixtures/channel_route.mjs";
import { jsonRoute, mqttRoute } from "./fixtures/config.mjs";
import { Plant } from "./fixtures/plant.mjs";
import { freePort } from "./fixtures/ports.mjs";
import { properties, readProperties } from "./fixtures/properties.mjs";
import * as proxy from "./fixtures/proxy_header.mjs";
import { welcome } from "./fixtures/scripted_broker.mjs";
import { until } from "./fixtures/wait.mjs";

const NAME = "client-address";
const FORGED = [[NAME, "192.0.2.99"], ["x", "y"]];

const script = async (link) => {
  await welcome()(link);
  for (;;) await link.next();
};

let plant, proxied;

before(async () => {
  const setting = { address_property: NAME };
  const port = await freePort();
  proxied = { port: await freePort(), preface: proxy.line() };
  plant = await Plant.start({
    script,
    listeners: [
      { address: "127.0.0.1", port },
      {
        address: "127.0.0.1",
        port: proxied.port,
        trusted_proxies: ["127.0.0.1"],
        proxy_protocol: true,
      },
    ],
    routes: [
      mqttRoute(setting),
      jsonRoute(setting),
      channelRoute(setting),
      mqttRoute({ path: "/silent" }),
    ],
  });
  plant.port = port;
});
after(() => plant?.stop());

// The user properties of the CONNECT that `open` leads to.
async function told(open) {
  const { links } = plant.broker;
  const before = links.length;
  const one = await open();
  const connect = () => links[before]?.connect;
  await until(connect, { what: "a CONNECT" });
  one.destroy();
  return readProperties(connect().properties).user ?? [];
}

const forged = { session: { properties: properties({ user: FORGED }) } };

describe("the broker is told the address of", () => {
  test("a client of MQTT 5", async () => {
    const user = await told(() => plant.open({ level: 5 }));
    assert.deepEqual(user, [[NAME, "127.0.0.1"]]);
  });

  test("a client behind a proxy", async () => {
    const user = await told(() => plant.open({ level: 5, ...proxied }));
    assert.deepEqual(user, [[NAME, proxy.CLIENT.host]]);
  });

  test("a client that says another one", async () => {
    const user = await told(() => plant.open({ level: 5, ...forged }));
    assert.deepEqual(user, [["x", "y"], [NAME, "127.0.0.1"]]);
  });

  test("a page of a json route", async () => {
    const user = await told(() => plant.newPage({ target: "/json" }));
    assert.deepEqual(user, [[NAME, "127.0.0.1"]]);
  });

  test("a page of a channel", async () => {
    const user = await told(() => Channel.open({ port: plant.port }));
    assert.deepEqual(user, [[NAME, "127.0.0.1"]]);
  });
});

test("a route without the setting leaves all as it is", async () => {
  const options = { level: 5, target: "/silent", ...forged };
  assert.deepEqual(await told(() => plant.open(options)), FORGED);
});

test("MQTT 3.1.1 has no place for it", async () => {
  await told(() => plant.open({ level: 4 }));
});
