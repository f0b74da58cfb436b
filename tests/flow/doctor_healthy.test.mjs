// SPDX-License-Identifier: Apache-2.0
// Where all is well the doctor says so, of every step, on every road.
import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";

import { Client } from "./fixtures/client.mjs";
import { jsonRoute, mqttRoute } from "./fixtures/config.mjs";
import { makeCertificate } from "./fixtures/certificate.mjs";
import { expectHealthy, visit } from "./fixtures/doctor.mjs";
import { Folder } from "./fixtures/folder.mjs";
import { connack } from "./fixtures/packets.mjs";
import { Plant } from "./fixtures/plant.mjs";
import { freePort } from "./fixtures/ports.mjs";
import { ALLOWED } from "./fixtures/request.mjs";

const SESSION = ["connect", "subscribe", "publish", "round-trip", "goodbye"];
const PLAIN = ["dns", "tcp", "upgrade", "subprotocol", ...SESSION];
const SECURE = PLAIN.toSpliced(2, 0, "tls", "certificate");
const OURS = ["--origin", ALLOWED];

describe("the doctor, where all is well,", () => {
  let plant, folder, secured, authority;

  before(async () => {
    folder = await Folder.create();
    const made = await makeCertificate(folder, { days: 2 });
    authority = made.authority;
    const { certificate, key } = made;
    const port = await freePort();
    secured = await freePort();
    const address = "127.0.0.1";
    const channel = { kind: "channel", publish: "chat", subscribe: ["chat"] };
    plant = await Plant.start({
      listeners: [
        { address, port },
        { address, port: secured, tls: { certificate, key } },
      ],
      routes: [
        mqttRoute(),
        mqttRoute({ path: "/self", origins: [`http://127.0.0.1:${port}`] }),
        jsonRoute(),
        jsonRoute({ path: "/json4", mqtt_version: 4 }),
        mqttRoute({ path: "/chat", ...channel }),
      ],
    });
    plant.port = port;
  });
  after(async () => {
    await plant?.stop();
    await folder?.remove();
  });

  const plain = (path) => `ws://127.0.0.1:${plant.port}${path}`;
  const secure = (path, host = "localhost") =>
    `wss://${host}:${secured}${path}`;

  test("goes all the way over ws, with MQTT 5", async () => {
    const seen = await visit(plain("/mqtt"), OURS);
    expectHealthy(seen, PLAIN);
    assert.match(seen.out, /^ok +connect +MQTT 5, .*"doctor-[0-9a-f]{16}"/m);
    assert.match(seen.out, /round-trip .* \d+\.\d ms, the median of 5$/m);
  });

  test("goes all the way over wss, and reads the certificate", async () => {
    const words = [...OURS, "--ca", authority];
    const seen = await visit(secure("/mqtt"), words);
    expectHealthy(seen, SECURE);
    assert.match(seen.out, /^ok +tls +TLSv1\.3, .*ALPN: "http\/1\.1"/m);
    assert.match(seen.out, /certificate .*"localhost", "127\.0\.0\.1", "::1"/);
    assert.match(seen.out, /issued by "\/CN=test CA", .*\(days left: [12]\)$/m);
    assert.match(seen.out, /^note +certificate +few days are left/m);
  });

  test("takes the address of a certificate for its name", async () => {
    const words = [...OURS, "--ca", authority];
    expectHealthy(await visit(secure("/mqtt", "127.0.0.1"), words), SECURE);
  });

  test("finds out that a path speaks JSON, and speaks it", async () => {
    for (const path of ["/json", "/json4"]) {
      const seen = await visit(plain(path), OURS);
      expectHealthy(seen, PLAIN);
      assert.match(seen.out, /^ok +subprotocol +json\.postern\.v1:.* JSON$/m);
    }
  });

  test("speaks JSON over wss too", async () => {
    const words = [...OURS, "--ca", authority];
    expectHealthy(await visit(secure("/json"), words), SECURE);
  });

  test("comes from the place of the URL unless told otherwise", async () => {
    const seen = await visit(plain("/self"));
    expectHealthy(seen, PLAIN);
    const own = `http://127.0.0.1:${plant.port}`;
    assert.ok(seen.lines[0].says.includes(`"${own}"`), seen.out);
  });

  test("publishes to the topic that it is told, and only there", async () => {
    const device = await Client.open(plant.brokerUrl);
    await device.subscribe("#", 2);
    const topic = "plant/l1/try";
    for (const path of ["/mqtt", "/json"]) {
      expectHealthy(
        await visit(plain(path), [...OURS, "--topic", topic]),
        PLAIN,
      );
    }
    await device.publish("fence", "fence", { qos: 2 });
    const seen = [];
    while (seen.at(-1) !== "fence") {
      const message = await device.message();
      assert.equal(message.retain, false);
      seen.push(message.topic);
    }
    assert.deepEqual(seen, [...Array(10).fill(topic), "fence"]);
    await device.end();
  });

  test("leaves a channel before anything is published there", async () => {
    const device = await Client.open(plant.brokerUrl);
    await device.subscribe("#", 2);
    const seen = await visit(plain("/chat"), OURS);
    assert.equal(seen.code, 0, seen.out);
    assert.match(seen.out, /^note +subprotocol +any is taken: .* channel/m);
    await device.publish("fence", "fence", { qos: 2 });
    assert.equal((await device.message()).topic, "fence");
    await device.end();
  });
});

test("the doctor goes back to MQTT 3.1.1 where 5 is refused", async () => {
  const plant = await Plant.start({ script: oldBroker });
  try {
    const seen = await visit(plant.url, OURS);
    assert.match(seen.out, /^note +connect +MQTT 5 is refused, trying 3\.1\.1/m);
    assert.match(seen.out, /^ok +connect +MQTT 3\.1\.1, the broker lets/m);
  } finally {
    await plant.stop();
  }
});

// Knows MQTT 3.1.1 and nothing else, and ends after the login.
async function oldBroker(link) {
  const { level } = await link.next();
  if (level === 5) link.end(connack({ level: 4, code: 1 }));
  else {
    link.write(connack({ level: 4 }));
    await link.next();
    link.destroy();
  }
}
