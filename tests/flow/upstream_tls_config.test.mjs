// SPDX-License-Identifier: Apache-2.0
// Files for TLS towards a broker that would not serve: found before anything
// is started, with the line that names them.
import assert from "node:assert/strict";
import { chmod, copyFile } from "node:fs/promises";
import { after, before, describe, test } from "node:test";

import { makePair } from "./fixtures/authority.mjs";
import { postern } from "./fixtures/command.mjs";
import { configText } from "./fixtures/config.mjs";
import { makeDatedCertificate } from "./fixtures/dated_certificate.mjs";
import { Folder } from "./fixtures/folder.mjs";

const CONFIG = 78;
const SERVERS = ["mqtts://broker.example"];

let folder, ca, client, server;

before(async () => {
  folder = await Folder.create();
  ({ ca, client, server } = await makePair(folder));
});
after(() => folder?.remove());

async function check(tls, upstream = {}) {
  const settings = { servers: SERVERS, tls, ...upstream };
  const text = configText({ port: 8083, upstream: settings });
  const file = await folder.write("postern.conf", text);
  return postern(["check", "-c", file]);
}

async function isRefused(pattern, tls, upstream) {
  const { code, out, err } = await check(tls, upstream);
  assert.deepEqual([code, out], [CONFIG, ""], err);
  assert.match(err, pattern);
  assert.match(err, /postern\.conf:3: /);
}

async function isGood(tls, upstream) {
  const { code, err } = await check(tls, upstream);
  assert.deepEqual([code, err], [0, ""]);
}

async function copy(name, from, mode = 0o600) {
  const to = folder.at(name);
  await copyFile(from, to);
  await chmod(to, mode);
  return to;
}

describe("TLS towards a broker", () => {
  test("with files that fit is good, and says nothing of names", () =>
    isGood({ ca, ...client }));

  test("with an authority only is good", () => isGood({ ca }));

  test("with the name of a server only is good", () =>
    isGood({ server_name: "broker" }));

  test("without any setting is good", () => isGood({}));

  test("whose ca is not there is refused", () =>
    isRefused(/none\.pem": No such file or directory/, {
      ca: folder.at("none.pem"),
    }));

  test("whose ca is a folder is refused", () =>
    isRefused(/is no PEM file of certificates/, { ca: folder.path }));

  test("whose ca is no certificate is refused", async () => {
    const text = await folder.write("text.pem", "no certificate\n");
    await isRefused(/text\.pem" is no PEM file of certificates/, { ca: text });
  });

  test("whose ca is a key is refused", () =>
    isRefused(/is no PEM file of certificates/, { ca: server.key }));

  test("whose ca is empty is refused", async () => {
    const empty = await folder.write("empty.pem", "");
    await isRefused(/empty\.pem" is no PEM file/, { ca: empty });
  });

  test("whose certificate has no key is refused", () =>
    isRefused(/this certificate wants its "key" beside it/, {
      certificate: client.certificate,
    }));

  test("whose key has no certificate is refused", () =>
    isRefused(/this key wants its "certificate"/, { key: client.key }));

  test("whose key belongs to another certificate is refused", () =>
    isRefused(/does not belong to the certificate/, {
      certificate: client.certificate,
      key: server.key,
    }));

  test("whose key others can read is refused", async () => {
    const key = await copy("open.key", client.key, 0o644);
    const { certificate } = client;
    await isRefused(/can be read or changed by others/, { certificate, key });
  });

  test("whose certificate has expired is refused", async () => {
    const dates = { name: "expired", from: -9, to: -2 };
    const expired = await makeDatedCertificate(folder, dates);
    await isRefused(/has expired: renew it/, expired);
  });

  test("with a server_name that is none is refused", () =>
    isRefused(/server_name "mqtts:\/\/broker": write the name/, {
      server_name: "mqtts://broker",
    }));

  test("that no server is spoken to in is refused", () =>
    isRefused(/this tls group has no effect/, { ca }, {
      servers: ["mqtt://broker", "unix:/run/broker.sock"],
    }));

  test("has no setting that leaves the check out", async () => {
    for (const name of ["verify", "insecure", "check_names"]) {
      const pattern = new RegExp(`unknown setting "${name}"`);
      await isRefused(pattern, { [name]: false });
    }
  });

  test("tells all that is wrong at once", async () => {
    const { err } = await check({
      ca: folder.at("none.pem"),
      certificate: client.certificate,
      key: server.key,
    });
    assert.match(err, /none\.pem": No such file/);
    assert.match(err, /does not belong to the certificate/);
  });

  test("is printed as it was set", async () => {
    const settings = { servers: SERVERS, tls: { ca, ...client } };
    const text = configText({ port: 8083, upstream: settings });
    const file = await folder.write("postern.conf", text);
    const { code, out } = await postern(["print-config", "-c", file]);
    assert.equal(code, 0);
    for (const [name, value] of Object.entries({ ca, ...client })) {
      assert.ok(out.includes(`${name} = "${value}";`), out);
    }
  });
});
