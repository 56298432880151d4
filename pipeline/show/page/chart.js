// The load over the setup's time: material removed a minute, and how far round the cutter is in it, coloured by tool.

class Chart {
  constructor(canvas, jump) {
    this.canvas = canvas;
    canvas.addEventListener("pointerdown", (e) => {
      const box = canvas.getBoundingClientRect();
      if (this.s) jump((e.clientX - box.left - 46) / (box.width - 54) * this.s.clock[this.s.count]);
    });
  }

  // The highest values of every pixel column, once a setup and width.
  bins(s, columns) {
    if (this.s === s && this.columns === columns) return;
    Object.assign(this, { s, columns, rate: new Float32Array(columns), engaged: new Float32Array(columns),
      tool: new Int16Array(columns).fill(-1), top: [0, 0] });
    const total = s.clock[s.count] || 1;
    for (let k = 0; k < s.count; k++) {
      if (s.manner[k] === RAPID || s.tool[k] < 0) continue;
      const a = Math.floor(s.clock[k] / total * columns), b = Math.min(columns - 1, s.clock[k + 1] / total * columns);
      for (let c = a; c <= b; c++) {
        if (s.rate[k] >= this.rate[c]) { this.rate[c] = s.rate[k]; this.tool[c] = s.tool[k]; }
        this.engaged[c] = Math.max(this.engaged[c], s.engaged[k]);
      }
      this.top = [Math.max(this.top[0], s.rate[k]), Math.max(this.top[1], s.engaged[k])];
    }
  }

  draw(s, time, told) {
    const { canvas } = this, ratio = window.devicePixelRatio || 1, w = canvas.clientWidth, h = canvas.clientHeight;
    if (!w || !h) return;
    canvas.width = w * ratio; canvas.height = h * ratio;
    const ink = canvas.getContext("2d");
    ink.scale(ratio, ratio);
    const left = 46, wide = w - 54, lane = h / 2 - 12;
    this.bins(s, Math.max(50, Math.floor(wide)));
    ink.font = "11px system-ui, sans-serif";
    [[this.rate, this.top[0], told("rate")], [this.engaged, this.top[1], told("engaged")]].forEach(([row, top, label], k) => {
      const foot = (k + 1) * (lane + 12) - 2, scale = top > 0 ? (lane - 4) / top : 0;
      ink.fillStyle = "#eceee9";
      ink.fillRect(left, foot - lane, wide, lane);
      for (let c = 0; c < row.length; c++) {
        if (this.tool[c] < 0 || !row[c]) continue;
        ink.fillStyle = record.tools[this.tool[c]].colour;
        ink.fillRect(left + c * wide / this.columns, foot - row[c] * scale, wide / this.columns + 0.5, row[c] * scale);
      }
      ink.fillStyle = "#22262b";
      ink.textAlign = "right";
      ink.fillText(top.toPrecision(3), left - 4, foot - lane + 9);
      ink.fillText("0", left - 4, foot);
      ink.textAlign = "left";
      ink.fillStyle = "#ffffffd0";
      ink.fillRect(left + 2, foot - lane, ink.measureText(label).width + 6, 14);
      ink.fillStyle = "#22262b";
      ink.fillText(label, left + 4, foot - lane + 10);
    });
    const x = left + time / (s.clock[s.count] || 1) * wide;
    ink.fillStyle = "#111";
    ink.fillRect(x - 0.75, 0, 1.5, h);
  }
}
