// SPDX-License-Identifier: Apache-2.0
// Reporter for node:test: one line of JSON for each test or suite that ended.

export default async function* report(source) {
  for await (const { type, data } of source) {
    if (type !== "test:pass" && type !== "test:fail") continue;
    const error = data.details?.error;
    const line = {
      name: data.name,
      isGood: type === "test:pass",
      isSuite: data.details?.type === "suite",
      isSkipped: data.skip !== undefined || data.todo !== undefined,
      failure: error?.failureType,
      detail: error && String(error.cause?.stack ?? error.cause ?? error),
    };
    yield JSON.stringify(line) + "\n";
  }
}
