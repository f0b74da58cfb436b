// SPDX-License-Identifier: Apache-2.0
// Where every listener requires certificates, the gateway's login at the
// broker is for those who have one: nobody is anonymous, and nobody else is
// there.
import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";

import { Authority } from "./fixtures/authority.mjs";
import { jsonRoute, mqttRoute } from "./fixtures/config.mjs";
import { Folder } from "./fixtures/folder.mjs";
import { Guest } from "./fixtures/guest.mjs";
import { brokerLogins, passwordFile } from "./fixtures/logins.mjs";
import { Plant } from "./fixtures/plant.mjs";
import { freePort } from "./fixtures/ports.mjs";

const PASSWORD = "s3cret-of-the-gateway";

describe("a broker that only knows passwords", () => {
  let folder, clients, secure, plant, port;

  before(async () => {
    folder = await Folder.create();
    clients = await Authority.create(folder, "clients");
    const servers = await Authority.create(folder, "servers");
    const { certificate, key } = await servers.server();
    const { secure: own } = await clients.client("/CN=anna");
    secure = { ca: servers.pem, ...own };
    port = await freePort();
    const tls = {
      certificate,
      key,
      client_certificate: "required",
      client_ca: clients.certificate,
    };
    plant = await Plant.start({
      broker: {
        anonymous: false,
        settings: await brokerLogins(folder, { web: PASSWORD }),
      },
      upstream: {
        username: "web",
        password_file: await passwordFile(folder, "password", PASSWORD),
        inject: true,
      },
      listeners: [{ address: "127.0.0.1", port, tls }],
      routes: [mqttRoute(), jsonRoute()],
    });
  });
  after(async () => {
    await plant?.stop();
    await folder?.remove();
  });

  for (const kind of ["mqtt4", "mqtt5", "json"]) {
    test(`${kind}: takes a browser with a certificate`, async () => {
      const from = plant.gateway.lines.length;
      const guest = await Guest.open(kind, { port, secure });
      await guest.hears();
      guest.destroy();
      const line = await plant.gateway.line(/ opened user=/, { from });
      assert.match(line, / opened user=anna /);
    });
  }

  test("a listener that lets in others has to say so", async () => {
    const open = { address: "127.0.0.1", port: await freePort() };
    const text = plant.config({ listeners: [open] });
    const line = await plant.gateway.notReloaded({ text });
    assert.match(line, /not valid/);
    const why = /anyone who can reach this port gets this login/;
    assert.match(plant.gateway.lines.join("\n"), why);
  });
});
