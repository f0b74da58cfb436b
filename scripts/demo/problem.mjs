// SPDX-License-Identifier: Apache-2.0
// What went wrong, in words for the user: it is printed without a stack.
export class Problem extends Error {}
