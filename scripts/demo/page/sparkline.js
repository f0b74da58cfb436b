// SPDX-License-Identifier: Apache-2.0
// A line of the last values, drawn into an <svg>.

const WIDTH = 240;
const HEIGHT = 56;
const CAPACITY = 80;

export class Sparkline {
  #values = [];
  #leastSpan;
  #line = shape("line");
  #area = shape("area");

  // `leastSpan`: smaller changes than this do not fill the height.
  constructor(svg, leastSpan) {
    this.#leastSpan = leastSpan;
    svg.setAttribute("preserveAspectRatio", "none");
    svg.append(this.#area, this.#line);
  }

  add(value) {
    this.#values = [...this.#values.slice(1 - CAPACITY), value];
    if (this.#values.length > 1) this.#draw();
  }

  #draw() {
    const low = Math.min(...this.#values);
    const high = Math.max(...this.#values);
    const span = Math.max(high - low, this.#leastSpan);
    const floor = (low + high - span) / 2;
    const first = CAPACITY - this.#values.length;
    const points = this.#values.map((value, i) => {
      const x = ((first + i) / (CAPACITY - 1)) * WIDTH;
      const y = HEIGHT * (1 - (value - floor) / span);
      return `${x.toFixed(1)},${y.toFixed(1)}`;
    });
    const start = ((first / (CAPACITY - 1)) * WIDTH).toFixed(1);
    const line = `M${points.join("L")}`;
    this.#line.setAttribute("d", line);
    this.#area.setAttribute("d", `${line}L${WIDTH},${HEIGHT}L${start},${HEIGHT}Z`);
  }
}

function shape(name) {
  const path = document.createElementNS("http://www.w3.org/2000/svg", "path");
  path.setAttribute("class", name);
  return path;
}
