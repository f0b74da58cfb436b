// SPDX-License-Identifier: Apache-2.0
// Clients whose authority has another one above it: who is looked up in the
// revocation lists.
import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { after, before, describe, test } from "node:test";

import { Authority } from "./fixtures/authority.mjs";
import { Folder } from "./fixtures/folder.mjs";
import { Plant } from "./fixtures/plant.mjs";
import { freePorts } from "./fixtures/ports.mjs";
import { handshake } from "./fixtures/websocket.mjs";

const ADDRESS = "127.0.0.1";

describe("an authority below another", () => {
  let folder, servers, root, plant, ports, anna, bob, zoe;

  before(async () => {
    folder = await Folder.create();
    servers = await Authority.create(folder, "servers");
    root = await Authority.create(folder, "root");
    const good = await Authority.create(folder, "good", { by: root });
    const bad = await Authority.create(folder, "bad", { by: root });
    anna = await good.client("/CN=anna");
    bob = await good.client("/CN=bob");
    zoe = await bad.client("/CN=zoe");
    await good.revoke(bob);
    await root.revoke(bad);
    const files = [root, good, bad].map((one) => one.certificate);
    const lists = [await root.list(), await good.list(), await bad.list()];
    const all = await join("all.pem", files);
    const names = ["plain", "free", "all", "leaves", "root"];
    const free = await freePorts(names.length);
    ports = Object.fromEntries(names.map((name, i) => [name, free[i]]));
    const { certificate, key } = await servers.server(["localhost"]);
    const asks = { certificate, key, client_certificate: "required" };
    const listener = (name, more) => ({
      ...{ address: ADDRESS, port: ports[name] },
      tls: { ...asks, ...more },
    });
    plant = await Plant.start({
      listeners: [
        { address: ADDRESS, port: ports.plain },
        listener("free", { client_ca: all }),
        listener("all", {
          client_ca: all,
          client_crl: await join("all.crl", lists),
        }),
        listener("leaves", {
          client_ca: all,
          client_crl: await join("leaves.crl", lists.slice(1)),
        }),
        listener("root", { client_ca: root.certificate }),
      ],
    });
  });
  after(async () => {
    await plant?.stop();
    await folder?.remove();
  });

  async function join(name, files) {
    const texts = await Promise.all(files.map((file) => readFile(file, "utf8")));
    return folder.write(name, texts.join(""));
  }

  // Whether these, of all that there are, get in at that port.
  async function getIn(name, expected) {
    for (const [who, { secure }] of Object.entries({ anna, bob, zoe })) {
      const port = ports[name];
      const options = { port, secure: { ca: servers.pem, ...secure } };
      const answer = await handshake(options).catch(() => null);
      answer?.socket.destroy();
      assert.equal(answer?.status === 101, expected.includes(who), who);
    }
  }

  test("vouches for its clients", () => getIn("free", ["anna", "bob", "zoe"]));

  test("counts no more when the one above has revoked it", () =>
    getIn("all", ["anna"]));

  test("is not looked up where one of them has no list", () =>
    getIn("leaves", ["anna", "zoe"]));

  test("has to be known, or shown by its client", async () => {
    await getIn("root", []);
    const chain = await join("anna.pem", [anna.certificate, folder.at("good.pem")]);
    const cert = await readFile(chain);
    const secure = { ca: servers.pem, cert, key: anna.secure.key };
    const answer = await handshake({ port: ports.root, secure });
    assert.equal(answer.status, 101);
    answer.socket.destroy();
  });
});
