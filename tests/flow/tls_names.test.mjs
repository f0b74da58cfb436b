// SPDX-License-Identifier: Apache-2.0
// Several certificates at one listener: each browser sees that of the host it
// asks for, with the sort of key that it knows.
import assert from "node:assert/strict";
import { after, afterEach, before, describe, test } from "node:test";

import { Admin } from "./fixtures/admin.mjs";
import { Authority } from "./fixtures/authority.mjs";
import { Client } from "./fixtures/client.mjs";
import { Folder } from "./fixtures/folder.mjs";
import { look } from "./fixtures/pairs.mjs";
import { Plant } from "./fixtures/plant.mjs";
import { freePorts } from "./fixtures/ports.mjs";

const ADDRESS = "127.0.0.1";
const RSA_ONLY = { maxVersion: "TLSv1.2", ciphers: "ECDHE-RSA-AES128-GCM-SHA256" };
const EC_ONLY = { maxVersion: "TLSv1.2", ciphers: "ECDHE-ECDSA-AES128-GCM-SHA256" };
const END_HOURS = { first: 24, other: 12, both: 24, wild: 20, exact: 24, rsa: 24 };

describe("certificates by name", () => {
  let folder, authority, plant, admin, all, port;

  before(async () => {
    folder = await Folder.create();
    authority = await Authority.create(folder, "servers");
    const make = (name, names, sort = "ec") =>
      authority.server(names, { sort, to: END_HOURS[name] });
    all = {
      first: await make("first", ["first.test"]),
      other: await make("other", ["other.test", "also.other.test"]),
      both: await make("both", ["both.test", "www.both.test"]),
      wild: await make("wild", ["*.wild.test", "wild.test"]),
      exact: await make("exact", ["exact.wild.test"]),
      rsa: await make("rsa", ["WWW.both.test", "BOTH.test", "more.test"], "rsa"),
    };
    const [{ certificate, key }, ...more] = Object.values(all);
    const certificates = more.map((one) => ({
      certificate: one.certificate,
      key: one.key,
    }));
    const [plain, secured, adminPort] = await freePorts(3);
    port = secured;
    admin = new Admin(adminPort);
    plant = await Plant.start({
      admin: admin.setting,
      listeners: [
        { address: ADDRESS, port: plain },
        { address: ADDRESS, port, tls: { certificate, key, certificates } },
      ],
    });
    plant.port = plain;
  });
  after(async () => {
    await plant?.stop();
    await folder?.remove();
  });
  afterEach(() => plant.unaffected());

  for (const [name, wanted] of [
    ["first.test", "first"],
    ["other.test", "other"],
    ["also.other.test", "other"],
    ["OTHER.Test", "other"],
    ["both.test", "both"],
    ["more.test", "rsa"],
    ["a.wild.test", "wild"],
    ["A.WILD.test", "wild"],
    ["wild.test", "wild"],
    ["exact.wild.test", "exact"],
    ["a.b.wild.test", "first"],
    ["unknown.test", "first"],
    ["", "first"],
  ]) {
    for (const version of ["TLSv1.2", "TLSv1.3"]) {
      test(`${version} ${name || "no name"}: that of ${wanted}`, async () => {
        const only = { minVersion: version, maxVersion: version };
        const seen = await look(port, { name, ...only });
        assert.equal(seen.print, all[wanted].print);
      });
    }
  }

  test("a client that knows RSA only gets one that goes with it", async () => {
    for (const name of ["both.test", "www.both.test", "Both.test"]) {
      assert.equal((await look(port, { name, ...RSA_ONLY })).print, all.rsa.print);
      assert.equal((await look(port, { name, ...EC_ONLY })).print, all.both.print);
    }
    await assert.rejects(look(port, { name: "other.test", ...RSA_ONLY }));
    await assert.rejects(look(port, { name: "more.test", ...EC_ONLY }));
  });

  test("sessions work under each name", async () => {
    for (const servername of ["first.test", "other.test", "a.wild.test"]) {
      const wsOptions = { ca: authority.pem, servername };
      const url = `wss://127.0.0.1:${port}/mqtt`;
      const client = await Client.open(url, { wsOptions });
      await client.end();
    }
  });

  test("a ticket of one name is good for it again", async () => {
    for (const version of ["TLSv1.2", "TLSv1.3"]) {
      const only = { minVersion: version, maxVersion: version };
      const options = { name: "other.test", ...only };
      const { session } = await look(port, { ...options, ticket: true });
      const again = await look(port, { ...options, session });
      assert.equal(again.isResumed, true);
    }
  });

  test("the first end of all is what the gauge says", async () => {
    const samples = await admin.metrics();
    const seconds = samples.sum("postern_tls_not_after_seconds");
    const expected = Date.now() / 1000 + END_HOURS.other * 3600;
    assert.ok(Math.abs(seconds - expected) < 600, `${seconds} ${expected}`);
  });
});
