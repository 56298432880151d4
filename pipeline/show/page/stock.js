// The stock at any moment: the heights kept after each tool, cut further move by move, and its surface as squares.

const profiles = record.tools.map((t) => {
  // Height of the cutter's lower surface on 64 steps of its radius.
  const radius = t.diameter_mm / 2, rows = new Float32Array(65);
  for (let i = 0; i <= 64; i++) {
    const d = radius * i / 64;
    let height = 0;
    for (let k = 1; k < t.cutter.length; k++) {
      const [r0, z0] = t.cutter[k - 1], [r1, z1] = t.cutter[k];
      if (d >= r0 && d <= r1 && r1 > r0) { height = z0 + (z1 - z0) * (d - r0) / (r1 - r0); break; }
    }
    rows[i] = height;
  }
  return { radius, rows };
});

class Stock {
  constructor(setup) {
    this.s = setup;
    [this.x0, this.y0, this.dx, this.dy] = setup.told.grid;
    this.nx = setup.told.columns; this.ny = setup.told.rows;
    this.high = Float32Array.from(setup.shots[0].high);
    this.low = Float32Array.from(setup.shots[0].low);
    this.shot = setup.shots[0];
    this.done = 0; this.share = 0;
    this.buffer = new Float32Array(6 * 4 * 4096);
    this.quads = 0;
  }

  // Bring the stock to a move and the share of it that is done. True when anything changed.
  to(move, share) {
    if (move === this.done && share === this.share) return false;
    let shot = null;
    for (const one of this.s.shots) if (one.move <= move) shot = one;
    if (move < this.done || (move === this.done && share < this.share) || shot.move > this.done) {
      this.high.set(shot.high);
      this.low.set(shot.low);
      this.shot = shot;
      this.done = shot.move; this.share = 0;
    }
    for (; this.done < move; this.done++) { this.cut(this.done, this.share, 1); this.share = 0; }
    if (share > this.share) { this.cut(move, this.share, share); this.share = share; }
    return true;
  }

  cut(k, from, to) {
    if (this.s.manner[k] === RAPID || this.s.manner[k] === AIR || this.s.tool[k] < 0 || !known(this.s, k)) return;
    const bend = arc(this.s, k), shape = profiles[this.s.tool[k]];
    const a = along(this.s, k, from, bend), b = along(this.s, k, to, bend);
    const plan = bend ? Math.abs(bend.sweep) * Math.max(bend.r0, bend.r1) * (to - from)
      : Math.hypot(b[0] - a[0], b[1] - a[1]);
    const steps = Math.max(1, Math.ceil(plan / (0.6 * Math.min(this.dx, this.dy))));
    for (let i = 0; i <= steps; i++) this.stamp(shape, along(this.s, k, from + (to - from) * i / steps, bend));
  }

  stamp(shape, [x, y, z]) {
    const r = shape.radius, { nx, ny, dx, dy, x0, y0, high, low } = this;
    const i0 = Math.max(0, Math.ceil((x - r - x0) / dx - 0.5)), i1 = Math.min(nx - 1, Math.floor((x + r - x0) / dx - 0.5));
    const j0 = Math.max(0, Math.ceil((y - r - y0) / dy - 0.5)), j1 = Math.min(ny - 1, Math.floor((y + r - y0) / dy - 0.5));
    for (let j = j0; j <= j1; j++) {
      const v = y0 + (j + 0.5) * dy - y;
      for (let i = i0; i <= i1; i++) {
        const at = j * nx + i;
        if (!(high[at] > z)) continue;
        const u = x0 + (i + 0.5) * dx - x, d = Math.sqrt(u * u + v * v);
        if (d > r) continue;
        const h = z + shape.rows[Math.round(64 * d / r)];
        if (h < high[at]) high[at] = h <= low[at] + 1e-3 ? NaN : h;
      }
    }
  }

  // The surface as squares of 4 corners (place and direction): tops and undersides in runs of a row, walls between.
  surface() {
    const { nx, ny, dx, dy, x0, y0, high, low } = this;
    this.quads = 0;
    const steep = 1.3 * Math.max(dx, dy);
    const slope = (a, b, c, step) => (Math.abs(b - a) < steep && Math.abs(c - b) < steep ? (a - c) / (2 * step) : 0);
    for (let j = 0; j < ny; j++) {
      const ya = y0 + j * dy, yb = ya + dy, row = j * nx;
      for (let i = 0; i < nx;) {
        const h = high[row + i], l = low[row + i];
        if (isNaN(h)) { i++; continue; }
        const gx = i > 0 && i < nx - 1 ? slope(high[row + i - 1], h, high[row + i + 1], dx) : 0;
        const gy = j > 0 && j < ny - 1 ? slope(high[row + i - nx], h, high[row + i + nx], dy) : 0;
        let e = i + 1;
        if (!gx && !gy) {
          while (e < nx && high[row + e] === h && low[row + e] === l
            && !(e < nx - 1 && high[row + e + 1] !== h && Math.abs(high[row + e + 1] - h) < steep)
            && !(j > 0 && high[row + e - nx] !== h && Math.abs(high[row + e - nx] - h) < steep)
            && !(j < ny - 1 && high[row + e + nx] !== h && Math.abs(high[row + e + nx] - h) < steep)) e++;
        }
        const xa = x0 + i * dx, xb = x0 + e * dx, n = Math.hypot(gx, gy, 1);
        this.quad(xa, ya, h, xb, ya, h, xb, yb, h, xa, yb, h, gx / n, gy / n, 1 / n);
        this.quad(xa, ya, l, xa, yb, l, xb, yb, l, xb, ya, l, 0, 0, -1);
        i = e;
      }
    }
    for (let j = 0; j < ny; j++) {
      for (let i = 0; i <= nx; i++) {
        const p = j * nx + i - 1, x = x0 + i * dx, ya = y0 + j * dy, yb = ya + dy;
        this.wall(i > 0 ? p : -1, i < nx ? p + 1 : -1,
          (z0, z1, sign) => this.quad(x, ya, z0, x, yb, z0, x, yb, z1, x, ya, z1, sign, 0, 0));
      }
    }
    for (let j = 0; j <= ny; j++) {
      for (let i = 0; i < nx; i++) {
        const p = (j - 1) * nx + i, y = y0 + j * dy, xa = x0 + i * dx, xb = xa + dx;
        this.wall(j > 0 ? p : -1, j < ny ? p + nx : -1,
          (z0, z1, sign) => this.quad(xa, y, z0, xb, y, z0, xb, y, z1, xa, y, z1, 0, sign, 0));
      }
    }
    this.deeper();
  }

  // Stretches further down, under what was cut from other sides: each column as a box of its own.
  deeper() {
    const { nx, dx, dy, x0, y0 } = this, { deeper, stretches } = this.shot;
    for (let k = 0; k < deeper.length; k++) {
      const xa = x0 + (deeper[k] % nx) * dx, xb = xa + dx, ya = y0 + Math.floor(deeper[k] / nx) * dy, yb = ya + dy;
      const h = stretches[2 * k], l = stretches[2 * k + 1];
      this.quad(xa, ya, h, xb, ya, h, xb, yb, h, xa, yb, h, 0, 0, 1);
      this.quad(xa, ya, l, xa, yb, l, xb, yb, l, xb, ya, l, 0, 0, -1);
      for (const [u, sign] of [[xa, -1], [xb, 1]]) this.quad(u, ya, l, u, yb, l, u, yb, h, u, ya, h, sign, 0, 0);
      for (const [v, sign] of [[ya, -1], [yb, 1]]) this.quad(xa, v, l, xb, v, l, xb, v, h, xa, v, h, 0, sign, 0);
    }
  }

  // What of the column before (or after) a border is open towards the other one.
  wall(before, after, put) {
    const a = before < 0 ? NaN : this.high[before], b = after < 0 ? NaN : this.high[after];
    if (isNaN(a) && isNaN(b)) return;
    const la = isNaN(a) ? NaN : this.low[before], lb = isNaN(b) ? NaN : this.low[after];
    if (isNaN(b)) put(la, a, 1);
    else if (isNaN(a)) put(lb, b, -1);
    else {
      if (a > b) put(Math.max(b, la), a, 1); else if (b > a) put(Math.max(a, lb), b, -1);
      if (la < lb) put(la, Math.min(lb, a), 1); else if (lb < la) put(lb, Math.min(la, b), -1);
    }
  }

  quad(ax, ay, az, bx, by, bz, cx, cy, cz, ex, ey, ez, nx, ny, nz) {
    let at = 24 * this.quads++;
    if (at + 24 > this.buffer.length) {
      const wider = new Float32Array(2 * this.buffer.length);
      wider.set(this.buffer);
      this.buffer = wider;
    }
    const b = this.buffer;
    b[at++] = ax; b[at++] = ay; b[at++] = az; b[at++] = nx; b[at++] = ny; b[at++] = nz;
    b[at++] = bx; b[at++] = by; b[at++] = bz; b[at++] = nx; b[at++] = ny; b[at++] = nz;
    b[at++] = cx; b[at++] = cy; b[at++] = cz; b[at++] = nx; b[at++] = ny; b[at++] = nz;
    b[at++] = ex; b[at++] = ey; b[at++] = ez; b[at++] = nx; b[at++] = ny; b[at++] = nz;
  }
}
