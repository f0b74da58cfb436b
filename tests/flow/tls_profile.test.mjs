// SPDX-License-Identifier: Apache-2.0
// What a listener speaks: versions, suites and curves of its profile, one
// application protocol, no early data, no renegotiation.
import assert from "node:assert/strict";
import { after, afterEach, before, describe, test } from "node:test";

import { askOpenssl } from "./fixtures/ask_openssl.mjs";
import { Authority } from "./fixtures/authority.mjs";
import { Folder } from "./fixtures/folder.mjs";
import { look } from "./fixtures/pairs.mjs";
import { Plant } from "./fixtures/plant.mjs";
import { freePorts } from "./fixtures/ports.mjs";
import { handshake } from "./fixtures/websocket.mjs";

const ADDRESS = "127.0.0.1";
const AEAD = ["AES128-GCM-SHA256", "AES256-GCM-SHA384", "CHACHA20-POLY1305"];
const OTHERS = [
  "ECDHE-RSA-AES128-SHA", "ECDHE-RSA-AES128-SHA256", "ECDHE-RSA-AES256-SHA384",
  "ECDHE-ECDSA-AES256-SHA", "DHE-RSA-AES128-GCM-SHA256", "AES128-GCM-SHA256",
  "AES256-SHA", "ECDHE-ECDSA-AES128-CCM",
];
const ALL = "ALL:@SECLEVEL=0";

let folder, plant, authority, ports;

before(async () => {
  folder = await Folder.create();
  authority = await Authority.create(folder, "servers");
  const [ec, rsa] = await Promise.all(
    ["ec", "rsa"].map((sort, i) => authority.server([`${sort}.test`], { sort })),
  );
  const [plain, intermediate, modern] = await freePorts(3);
  ports = { plain, intermediate, modern };
  const certificates = [{ certificate: rsa.certificate, key: rsa.key }];
  const tls = { certificate: ec.certificate, key: ec.key, certificates };
  plant = await Plant.start({
    listeners: [
      { address: ADDRESS, port: plain },
      { address: ADDRESS, port: intermediate, tls },
      { address: ADDRESS, port: modern, tls: { ...tls, profile: "modern" } },
    ],
  });
  plant.port = plain;
  await plant.unaffected();
});
after(async () => {
  await plant?.stop();
  await folder?.remove();
});
afterEach(() => plant.unaffected());

const only = (version) => ({ minVersion: version, maxVersion: version });

describe("intermediate, which is the default,", () => {
  for (const version of ["TLSv1.2", "TLSv1.3"]) {
    test(`speaks ${version}`, async () => {
      const seen = await look(ports.intermediate, only(version));
      assert.equal(seen.version, version);
    });
  }

  for (const version of ["TLSv1", "TLSv1.1"]) {
    test(`does not speak ${version}`, async () => {
      const old = { ...only(version), ciphers: ALL };
      await assert.rejects(look(ports.intermediate, old));
    });
  }

  for (const [sort, name] of [["ECDSA", "ec.test"], ["RSA", "rsa.test"]]) {
    for (const suite of AEAD) {
      test(`speaks ECDHE-${sort}-${suite}`, async () => {
        const ciphers = `ECDHE-${sort}-${suite}`;
        const options = { ...only("TLSv1.2"), ciphers, name };
        await look(ports.intermediate, options);
      });
    }
  }

  for (const suite of OTHERS) {
    test(`does not speak ${suite}`, async () => {
      const ciphers = `${suite}:@SECLEVEL=0`;
      for (const name of ["ec.test", "rsa.test", ""]) {
        const options = { ...only("TLSv1.2"), ciphers, name };
        await assert.rejects(look(ports.intermediate, options));
      }
    });
  }

  test("does not speak curves that nobody needs", async () => {
    const words = ["-groups", "brainpoolP256r1:secp521r1"];
    const text = await askOpenssl(ports.intermediate, words);
    assert.match(text, /handshake failure|alert/);
  });
});

describe("modern", () => {
  test("speaks TLS 1.3", async () => {
    const seen = await look(ports.modern);
    assert.equal(seen.version, "TLSv1.3");
  });

  for (const version of ["TLSv1", "TLSv1.1", "TLSv1.2"]) {
    test(`does not speak ${version}`, async () => {
      const old = { ...only(version), ciphers: ALL };
      for (const name of ["ec.test", "rsa.test", ""]) {
        await assert.rejects(look(ports.modern, { ...old, name }));
      }
    });
  }

  test("has sessions", async () => {
    const secure = { ca: authority.pem, servername: "ec.test" };
    const guest = await plant.open({ port: ports.modern, secure });
    await guest.leave();
  });
});

describe("either profile", () => {
  for (const [profile, version] of [
    ["intermediate", "TLSv1.2"],
    ["intermediate", "TLSv1.3"],
    ["modern", "TLSv1.3"],
  ]) {
    for (const name of ["ec.test", "rsa.test", ""]) {
      test(`${profile} ${version} ${name}: chooses http/1.1 only`, async () => {
        const { protocol } = await look(ports[profile], {
          ...only(version),
          name,
        });
        assert.equal(protocol, "http/1.1");
        const h2 = await look(ports[profile], {
          ...only(version),
          name,
          ALPNProtocols: ["h2"],
        });
        assert.equal(h2.protocol, false);
      });
    }

    test(`${profile}: without a protocol HTTP/1.1 is spoken`, async () => {
      const secure = { ca: authority.pem, servername: "ec.test" };
      const answer = await handshake({ port: ports[profile], secure });
      assert.equal(answer.status, 101);
      answer.socket.destroy();
    });
  }

  test("a client that begins anew is refused", async () => {
    const text = await askOpenssl(ports.intermediate, ["-tls1_2"], {
      say: "R\n",
    });
    assert.match(text, /RENEGOTIATING/);
    assert.match(text, /no renegotiation/);
    assert.match(text, /Secure Renegotiation IS supported/);
  });

  for (const profile of ["intermediate", "modern"]) {
    test(`${profile}: a ticket allows no early data`, async () => {
      const port = ports[profile];
      const session = folder.at("session.pem");
      const words = ["-tls1_3", "-sess_out", session];
      const request = "GET / HTTP/1.1\r\nHost: a\r\n\r\n";
      const text = await askOpenssl(port, words, { say: request });
      assert.match(text, /Max Early Data: 0/);
      const early = await folder.write("early", request);
      const again = ["-tls1_3", "-sess_in", session, "-early_data", early];
      const answer = await askOpenssl(port, again);
      assert.match(answer, /Early data was not sent/);
      assert.doesNotMatch(answer, /Early data was accepted/);
    });
  }
});
