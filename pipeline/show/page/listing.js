// The program's text: only the lines in sight are laid out, the line under way is marked, a click jumps to a line.

class Listing {
  constructor(box, jump) {
    this.box = box; this.jump = jump; this.lines = []; this.current = 0; this.pitch = 18;
    this.sheet = document.createElement("div");
    this.sheet.className = "sheet";
    box.append(this.sheet);
    box.addEventListener("scroll", () => this.lay());
    box.addEventListener("click", (e) => {
      const row = e.target.closest("[data-line]");
      if (row) jump(Number(row.dataset.line));
    });
    box.addEventListener("keydown", (e) => {
      const step = { ArrowDown: 1, ArrowUp: -1, PageDown: 20, PageUp: -20 }[e.key];
      if (!step) return;
      e.preventDefault(); e.stopPropagation();
      this.jump(Math.min(this.lines.length, Math.max(1, this.current + step)));
    });
  }

  fill(lines) {
    if (lines === this.lines) return;
    this.lines = lines;
    this.sheet.style.height = `${lines.length * this.pitch + 8}px`;
    this.box.scrollTop = 0;
    this.first = -1;
    this.lay();
  }

  mark(line) {
    if (line === this.current && this.first >= 0) return;
    this.current = line;
    const top = (line - 1) * this.pitch, seen = this.box.clientHeight;
    if (top < this.box.scrollTop + this.pitch || top > this.box.scrollTop + seen - 3 * this.pitch) {
      this.box.scrollTop = Math.max(0, top - seen / 3);
    }
    this.first = -1;
    this.lay();
  }

  lay() {
    const first = Math.max(0, Math.floor(this.box.scrollTop / this.pitch) - 5);
    if (first === this.first) return;
    this.first = first;
    const last = Math.min(this.lines.length, first + Math.ceil(this.box.clientHeight / this.pitch) + 12);
    const rows = [];
    for (let k = first; k < last; k++) {
      const row = document.createElement("div"), number = document.createElement("b");
      number.textContent = k + 1;
      row.append(number, this.lines[k]);
      row.dataset.line = k + 1;
      row.style.top = `${k * this.pitch}px`;
      if (k + 1 === this.current) { row.className = "now"; row.setAttribute("aria-current", "true"); }
      rows.push(row);
    }
    this.sheet.replaceChildren(...rows);
  }
}
