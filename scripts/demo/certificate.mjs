// SPDX-License-Identifier: Apache-2.0
// A throw-away certificate for this machine's own names, made by openssl. It
// vouches for itself only: accepting it in a browser trusts nothing else.
import { execFile } from "node:child_process";
import { readFile, writeFile } from "node:fs/promises";
import path from "node:path";
import { promisify } from "node:util";

const EXTENSIONS = [
  "basicConstraints=critical,CA:FALSE",
  "keyUsage=critical,digitalSignature",
  "extendedKeyUsage=serverAuth",
  "subjectAltName=DNS:localhost,IP:127.0.0.1,IP:::1",
];

// Gives the paths, and the certificate itself as `pem`.
export async function makeCertificate(folder) {
  const certificate = path.join(folder, "certificate.pem");
  const key = path.join(folder, "key.pem");
  await writeFile(key, "", { mode: 0o600 });
  await promisify(execFile)("openssl", [
    ...["req", "-x509", "-subj", "/CN=localhost", "-days", "30", "-nodes"],
    ...["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256"],
    ...["-config", "/dev/null", "-keyout", key, "-out", certificate],
    ...EXTENSIONS.flatMap((extension) => ["-addext", extension]),
  ]);
  return { certificate, key, pem: await readFile(certificate) };
}
