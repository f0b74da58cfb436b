// SPDX-License-Identifier: Apache-2.0
// Cuts octets into MQTT packets without a look at their fields, which may be
// wrong.
import { readVariable, TYPES } from "../flow/fixtures/packets.mjs";

// { type, bytes, isWhole } of each; only the last may not be whole.
export function cut(bytes) {
  const found = [];
  for (let at = 0; at < bytes.length;) {
    const size = readVariable(bytes, at + 1);
    const end = size ? at + 1 + size.length + size.value : bytes.length;
    const type = TYPES[bytes[at] >> 4];
    const isWhole = size !== null && end <= bytes.length;
    found.push({ type, bytes: bytes.subarray(at, end), isWhole });
    at = end;
  }
  return found;
}

export function levelOf(connect) {
  const body = 1 + readVariable(connect, 1).length;
  return connect[body + 2 + connect.readUInt16BE(body)];
}
