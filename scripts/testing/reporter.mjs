// SPDX-License-Identifier: Apache-2.0
// Reporter for `node --test`: one line of JSON for each test, suite or file
// that ended, and for each piece of stderr.

export default async function* report(source) {
  for await (const { type, data } of source) {
    const line = describe(type, data);
    if (line) yield JSON.stringify({ file: data.file, ...line }) + "\n";
  }
}

function describe(type, data) {
  if (type === "test:stderr") return { said: data.message };
  if (type !== "test:pass" && type !== "test:fail") return null;
  const error = data.details?.error;
  return {
    name: data.name,
    isGood: type === "test:pass",
    isSuite: data.details?.type === "suite",
    isSkipped: data.skip !== undefined || data.todo !== undefined,
    failure: error?.failureType,
    detail: error && String(error.cause?.stack ?? error.cause ?? error),
  };
}
