// SPDX-License-Identifier: Apache-2.0
// Numbers that a seed repeats.
export class Random {
  #state;

  constructor(seed) {
    this.#state = seed >>> 0;
  }

  // From 0 up to, but not, 1 (mulberry32).
  real() {
    this.#state = (this.#state + 0x6d2b79f5) >>> 0;
    let x = this.#state;
    x = Math.imul(x ^ (x >>> 15), x | 1);
    x ^= x + Math.imul(x ^ (x >>> 7), x | 61);
    return ((x ^ (x >>> 14)) >>> 0) / 2 ** 32;
  }

  // From 0 to count - 1.
  below(count) {
    return Math.floor(this.real() * count);
  }

  chance(part) {
    return this.real() < part;
  }

  pick(list) {
    return list[this.below(list.length)];
  }

  // `weights` are pairs of a value and how often it comes.
  weighted(weights) {
    const total = weights.reduce((sum, [, weight]) => sum + weight, 0);
    let left = this.real() * total;
    return weights.find(([, weight]) => (left -= weight) < 0)[0];
  }

  octets(count) {
    return Buffer.from(Array.from({ length: count }, () => this.below(256)));
  }
}
