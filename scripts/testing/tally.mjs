// SPDX-License-Identifier: Apache-2.0
// What a run of tests came to. Every test counts once; so does whatever kept
// tests from running: a program that crashed, a runner that died.

export class Tally {
  passed = 0;
  failed = 0;
  skipped = 0;
  failures = []; // { name, detail }

  pass() {
    this.passed++;
  }

  skip() {
    this.skipped++;
  }

  fail(name, detail = "") {
    this.failed++;
    this.failures.push({ name, detail });
  }

  add(other) {
    this.passed += other.passed;
    this.failed += other.failed;
    this.skipped += other.skipped;
    this.failures.push(...other.failures);
  }

  get count() {
    return this.passed + this.failed + this.skipped;
  }

  get isGood() {
    return this.failed === 0 && this.passed > 0;
  }

  toString() {
    const skipped = this.skipped > 0 ? `, ${this.skipped} skipped` : "";
    return `${this.passed} passed, ${this.failed} failed${skipped}`;
  }
}
