// SPDX-License-Identifier: Apache-2.0
// Certificates and keys that would not serve: found before anything is
// started, with the line that names them.
import assert from "node:assert/strict";
import { chmod, copyFile } from "node:fs/promises";
import { after, before, describe, test } from "node:test";

import { Authority } from "./fixtures/authority.mjs";
import { makeCertificate } from "./fixtures/certificate.mjs";
import { postern } from "./fixtures/command.mjs";
import { configText } from "./fixtures/config.mjs";
import { makeDatedCertificate } from "./fixtures/dated_certificate.mjs";
import { Folder } from "./fixtures/folder.mjs";
import { freePort } from "./fixtures/ports.mjs";

const CONFIG = 78;

let folder, other, good, port;

before(async () => {
  folder = await Folder.create();
  other = await Folder.create();
  good = await makeCertificate(folder);
  port = await freePort();
});
after(async () => {
  await folder?.remove();
  await other?.remove();
});

async function write(tls) {
  const config = configText({ port, brokerPort: 1883, listener: { tls } });
  return folder.write("tls.conf", config);
}

// All three commands say the same; gives what they say.
async function isRefused(tls) {
  const file = await write(tls);
  const { code, out, err } = await postern(["check", "-c", file]);
  assert.deepEqual([code, out], [CONFIG, ""], err);
  for (const command of ["serve", "print-config"]) {
    const result = await postern([command, "-c", file]);
    assert.deepEqual(result, { code: CONFIG, out: "", err });
  }
  assert.match(err, new RegExp(`^${file}:2: `));
  return err;
}

async function copy(name, from, mode = 0o600) {
  const to = folder.at(name);
  await copyFile(from, to);
  await chmod(to, mode);
  return to;
}

describe("a TLS listener", () => {
  test("with certificate and key that fit is good", async () => {
    const { certificate, key } = good;
    const file = await write({ certificate, key });
    const { code, out, err } = await postern(["check", "-c", file]);
    assert.deepEqual([code, err], [0, ""]);
    const said = "certificate for localhost, 127.0.0.1, ::1, issued by CN=test CA";
    const told = `${file}:2: ${said}, days left: `;
    assert.ok(out.startsWith(told), out);
    assert.match(out.slice(told.length), /^(?:89|90)\n\S+ is good\n$/);
  });

  for (const [days, is] of [
    [14.5, "good"],
    [13.5, "doubtful"],
    [0.5, "doubtful"],
  ]) {
    test(`whose certificate has ${days} days left is ${is}`, async () => {
      const when = { name: `left.${days}`, from: -1, to: days };
      const { certificate, key } = await makeDatedCertificate(folder, when);
      const file = await write({ certificate, key });
      const { code, out, err } = await postern(["check", "-c", file]);
      const left = Math.floor(days);
      const told = `${file}:2: warning: certificate "${certificate}" expires soon (days left: ${left}): renew it\n`;
      assert.deepEqual([code, err], [0, is === "good" ? "" : told]);
      assert.match(out, new RegExp(`CN=localhost, days left: ${left}$`, "m"));
    });
  }

  test("without a key is refused", async () => {
    const err = await isRefused({ certificate: good.certificate });
    assert.match(err, /key/);
  });

  test("without a certificate is refused", async () => {
    const err = await isRefused({ key: good.key });
    assert.match(err, /certificate/);
  });

  test("whose key file is not there is refused", async () => {
    const key = folder.at("none.key");
    const err = await isRefused({ certificate: good.certificate, key });
    assert.ok(err.includes(`"${key}": No such file or directory`), err);
  });

  test("whose certificate file is not there is refused", async () => {
    const certificate = folder.at("none.pem");
    const err = await isRefused({ certificate, key: good.key });
    assert.ok(err.includes(`"${certificate}": No such file or directory`), err);
  });

  for (const [mode, who] of [
    [0o644, "read"],
    [0o604, "read"],
    [0o602, "written"],
    [0o620, "written"],
  ]) {
    const text = mode.toString(8);
    test(`whose key may be ${who} by others (${text}) is refused`, async () => {
      const key = await copy(`${text}.key`, good.key, mode);
      const err = await isRefused({ certificate: good.certificate, key });
      assert.ok(err.includes(`"${key}" can be read or changed by others`), err);
      assert.match(err, /chmod/);
    });
  }

  test("whose key its group may read is good", async () => {
    const key = await copy("group.key", good.key, 0o640);
    const file = await write({ certificate: good.certificate, key });
    const { code, err } = await postern(["check", "-c", file]);
    assert.deepEqual([code, err], [0, ""]);
  });

  test("whose key belongs to another certificate is refused", async () => {
    const { key } = await makeCertificate(other);
    const err = await isRefused({ certificate: good.certificate, key });
    assert.ok(err.includes(`"${key}" does not belong to the certificate`), err);
  });

  test("whose certificate has expired is refused", async () => {
    const when = { name: "old", from: -20, to: -1 };
    const { certificate, key } = await makeDatedCertificate(folder, when);
    const err = await isRefused({ certificate, key });
    assert.ok(err.includes(`"${certificate}" has expired`), err);
  });

  test("whose certificate is not valid yet is refused", async () => {
    const when = { name: "young", from: 1, to: 20 };
    const { certificate, key } = await makeDatedCertificate(folder, when);
    const err = await isRefused({ certificate, key });
    assert.ok(err.includes(`"${certificate}" is not valid yet`), err);
  });

  for (const [what, text] of [
    ["empty", ""],
    ["no PEM", "-----BEGIN NONSENSE-----\n"],
    ["random octets", "\x01\x02\x03\xff".repeat(99)],
  ]) {
    test(`whose certificate is ${what} is refused`, async () => {
      const certificate = await folder.write("bad.pem", text);
      const err = await isRefused({ certificate, key: good.key });
      assert.ok(err.includes(`"${certificate}" is no PEM certificate`), err);
    });

    test(`whose key is ${what} is refused`, async () => {
      const key = await folder.write("bad.key", text);
      await chmod(key, 0o600);
      const err = await isRefused({ certificate: good.certificate, key });
      assert.ok(err.includes(`"${key}" is no PEM private key`), err);
    });
  }

  test("with key and certificate exchanged is refused", async () => {
    const certificate = await copy("exchanged", good.key);
    const key = await copy("exchanged.key", good.certificate);
    const err = await isRefused({ certificate, key });
    assert.match(err, /no PEM certificate/);
    assert.match(err, /no PEM private key/);
  });

  test("prints nothing of a key, whatever is wrong with it", async () => {
    const key = await copy("secret.key", good.key, 0o644);
    const err = await isRefused({ certificate: good.certificate, key });
    assert.doesNotMatch(err, /PRIVATE KEY|MIG/);
  });
});

describe("more certificates", () => {
  const wants = async (certificates) => {
    const { certificate, key } = good;
    return { certificate, key, certificates };
  };

  test("that are good are good", async () => {
    const servers = await Authority.create(folder, "names");
    const { certificate, key } = await servers.server(["one.test"]);
    const file = await write(await wants([{ certificate, key }]));
    const { code, err } = await postern(["check", "-c", file]);
    assert.deepEqual([code, err], [0, ""]);
  });

  test("are each checked as the first is", async () => {
    const when = { name: "past", from: -20, to: -1 };
    const old = await makeDatedCertificate(folder, when);
    const open = await copy("open.key", good.key, 0o644);
    const { key } = await makeCertificate(other);
    const tls = await wants([
      old,
      { certificate: good.certificate, key: open },
      { certificate: good.certificate, key },
      { certificate: folder.at("none.pem"), key: good.key },
    ]);
    const err = await isRefused(tls);
    assert.ok(err.includes(`"${old.certificate}" has expired`), err);
    assert.ok(err.includes(`"${open}" can be read or changed by others`), err);
    assert.ok(err.includes(`"${key}" does not belong to the certificate`), err);
    assert.match(err, /none\.pem": No such file or directory/);
  });

  test("without a key are refused", async () => {
    const { certificate } = good;
    const err = await isRefused(await wants([{ certificate }]));
    assert.match(err, /this certificate wants "key"/);
  });

  test("with a name that an earlier one has are warned of", async () => {
    const { certificate, key } = await makeCertificate(other);
    const file = await write(await wants([{ certificate, key }]));
    const { code, err } = await postern(["check", "-c", file]);
    assert.equal(code, 0);
    const shown = `for "localhost" "${good.certificate}" is shown`;
    const expected = `certificate "${certificate}": ${shown}`;
    assert.ok(err.includes(`${file}:2: warning: ${expected}`), err);
  });

  test("with the same names and another sort of key are not", async () => {
    const servers = await Authority.create(folder, "sorts");
    const options = { sort: "rsa" };
    const { certificate, key } = await servers.server(["LOCALHOST"], options);
    const file = await write(await wants([{ certificate, key }]));
    const { code, err } = await postern(["check", "-c", file]);
    assert.deepEqual([code, err], [0, ""]);
  });
});

describe("certificates of clients", () => {
  let clients;

  before(async () => {
    clients = await Authority.create(folder, "askers");
  });

  const wants = (more) => {
    const { certificate, key } = good;
    const client_ca = clients.certificate;
    return {
      ...{ certificate, key, client_certificate: "optional", client_ca },
      ...more,
    };
  };

  // Of a good configuration: what `check` says.
  async function isWarned(tls) {
    const file = await write(tls);
    const { code, err } = await postern(["check", "-c", file]);
    assert.equal(code, 0, err);
    assert.ok(err.startsWith(`${file}:2: warning: `), err);
    return err;
  }

  test("with authority and list are good", async () => {
    const file = await write(wants({ client_crl: await clients.list() }));
    const { code, err } = await postern(["check", "-c", file]);
    assert.deepEqual([code, err], [0, ""]);
  });

  for (const wish of ["optional", "required"]) {
    test(`${wish}: without an authority are refused`, async () => {
      const { certificate, key } = good;
      const err = await isRefused({ certificate, key, client_certificate: wish });
      assert.match(err, /client_certificate wants a client_ca beside it/);
    });
  }

  test("with unknown words are refused", async () => {
    const err = await isRefused(
      wants({ client_certificate: "maybe", profile: "old" }),
    );
    assert.match(err, /"client_certificate" .*"none", "optional" or "required"/);
    assert.match(err, /"profile" .*"intermediate" or "modern"/);
  });

  test("whose authority is none are refused", async () => {
    for (const text of ["", "nothing\n", await clients.list()]) {
      const client_ca = text.startsWith("/") ? text : await folder.write("no.pem", text);
      const err = await isRefused(wants({ client_ca }));
      assert.ok(err.includes(`"${client_ca}" has no PEM certificates`), err);
    }
    const client_ca = folder.at("absent.pem");
    const err = await isRefused(wants({ client_ca }));
    assert.ok(err.includes(`"${client_ca}": No such file or directory`), err);
  });

  test("whose list is none are refused", async () => {
    for (const client_crl of [clients.certificate, await folder.write("no.crl", "")]) {
      const err = await isRefused(wants({ client_crl }));
      assert.ok(err.includes(`"${client_crl}" has no PEM revocation lists`), err);
    }
  });

  test("whose list is out of date are warned of", async () => {
    const client_crl = await clients.list({ from: -3, to: -1 });
    assert.match(await isWarned(wants({ client_crl })), /is out of date/);
  });

  test("whose list is of another authority are warned of", async () => {
    const strangers = await Authority.create(folder, "strange");
    const client_crl = await strangers.list();
    const err = await isWarned(wants({ client_crl }));
    assert.match(err, /is of an authority that client_ca does not have/);
  });

  test("whose authority is no authority are warned of", async () => {
    const { certificate } = await clients.client("/CN=anna");
    const err = await isWarned(wants({ client_ca: certificate }));
    assert.match(err, /is not that of an authority/);
  });

  test("whose authority is not used are warned of", async () => {
    const err = await isWarned(wants({ client_certificate: "none" }));
    assert.match(err, /is not used/);
  });
});
