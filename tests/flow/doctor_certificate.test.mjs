// SPDX-License-Identifier: Apache-2.0
// The doctor names what a browser has against a certificate. The gateway
// itself would not load these, so another server shows them.
import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { after, afterEach, before, describe, test } from "node:test";
import tls from "node:tls";

import { makeChain } from "./fixtures/certificate_chain.mjs";
import { makeDatedCertificate } from "./fixtures/dated_certificate.mjs";
import { expectFault, visit } from "./fixtures/doctor.mjs";
import { Folder } from "./fixtures/folder.mjs";

describe("the doctor, at a certificate,", () => {
  let folder, server, requests;

  before(async () => {
    folder = await Folder.create();
  });
  afterEach(() => server && new Promise((resolve) => server.close(resolve)));
  after(() => folder?.remove());

  // Gives the URL; what is asked after the handshake is counted.
  async function serve({ certificate, key }, options = {}) {
    requests = 0;
    const [cert, own] = await Promise.all([certificate, key].map(readText));
    server = tls.createServer({ cert, key: own, ...options }, (socket) => {
      socket.on("error", () => {});
      socket.on("data", () => requests++);
    });
    server.on("tlsClientError", () => {});
    await new Promise((resolve) => server.listen(0, "127.0.0.1", resolve));
    return `wss://localhost:${server.address().port}/mqtt`;
  }

  async function dated(name, from, to) {
    const made = await makeDatedCertificate(folder, { name, from, to });
    return visit(await serve(made), ["--ca", made.certificate]);
  }

  test("names since when it is expired", async () => {
    const seen = await dated("old", -9, -3);
    const says = /expired since \d{4}-\d\d-\d\d \d\d:\d\d UTC \(days ago: 3\)/;
    expectFault(seen, "certificate", says, /renew it/);
    assert.equal(requests, 0, "nothing was sent");
  });

  test("names from when on it is valid", async () => {
    const seen = await dated("new", 3, 9);
    const says = /not yet valid, only from \d{4}-.* on \(days to go: [23]\)/;
    expectFault(seen, "certificate", says, /look at the clock/);
  });

  test("names one that signed itself", async () => {
    const dates = { name: "self", from: -1, to: 9 };
    const made = await makeDatedCertificate(folder, dates);
    const seen = await visit(await serve(made));
    const says = /signed by itself \("\/CN=localhost"\)/;
    expectFault(seen, "certificate", says, /from an authority .* browsers/);
    assert.equal(requests, 0, "nothing was sent");
  });

  test("names the certificate that is missing in the chain", async () => {
    const made = await makeChain(folder);
    const words = ["--ca", made.authority];
    const seen = await visit(await serve(made), words);
    const says = /chain incomplete: .* issued by "\/CN=between", .* missing/;
    expectFault(seen, "certificate", says, /append the certificate/);
  });

  test("finds nothing wrong with the same, its chain complete", async () => {
    const made = await makeChain(folder);
    const whole = { ...made, certificate: made.whole };
    const words = ["--ca", made.authority, "--timeout", "1"];
    const seen = await visit(await serve(whole), words);
    assert.match(seen.out, /^ok +tls .*certificates sent: 2,/m);
    assert.match(seen.out, /^ok +certificate +for "localhost"/m);
  });

  test("names TLS that is too old", async () => {
    const dates = { name: "tls", from: -1, to: 9 };
    const made = await makeDatedCertificate(folder, dates);
    const old = { minVersion: "TLSv1", maxVersion: "TLSv1.1" };
    const ciphers = "DEFAULT@SECLEVEL=0";
    const seen = await visit(await serve(made, { ...old, ciphers }));
    const says = /no version in common: browsers speak TLS 1\.2 and 1\.3/;
    expectFault(seen, "tls", says, /let the server speak/);
  });
});

function readText(file) {
  return readFile(file, "utf8");
}
