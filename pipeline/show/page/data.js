// The order's record and its number tables; the moves of every setup laid out on one clock.

const record = JSON.parse(document.getElementById("record").textContent);
if (!("DecompressionStream" in window)) { document.getElementById("no-gl").hidden = false; return; }
const packed = Uint8Array.from(atob(document.getElementById("tables").textContent.trim()), (c) => c.charCodeAt(0));
const unpacked = new Blob([packed]).stream().pipeThrough(new DecompressionStream("deflate"));
const tables = new Uint8Array(await new Response(unpacked).arrayBuffer());
const TYPES = { int8: Int8Array, uint8: Uint8Array, uint16: Uint16Array, int32: Int32Array, uint32: Uint32Array,
  float32: Float32Array };
const UNKNOWN = -2147483648;
const RAPID = 0, CUT = 1, DOWN = 2, AIR = 3;
const CHORD_MM = 0.01;

function table(one) { return new TYPES[one.type](tables.buffer, one.at, one.n); }

function lengths(one) {
  const whole = table(one), found = new Float64Array(whole.length);
  for (let i = 0; i < whole.length; i++) found[i] = whole[i] === UNKNOWN ? NaN : whole[i] / 1e4;
  return found;
}

const toolRow = new Map(record.tools.map((t, k) => [t.number, k]));

// One setup ready to draw. Moves of all its programs follow one another; `clock[k]` is when move k begins.
function readSetup(told) {
  const total = told.programs.reduce((n, p) => n + p.moves.count, 0);
  const s = { told, matrix: told.matrix, count: total, start: new Float64Array(3 * total).fill(NaN),
    end: new Float64Array(3 * total), centre: new Float64Array(2 * total), kind: new Uint8Array(total),
    manner: new Uint8Array(total), tool: new Int16Array(total), line: new Uint32Array(total),
    feed: new Float32Array(total), rpm: new Float32Array(total), rate: new Float32Array(total),
    engaged: new Float32Array(total), program: new Uint8Array(total), clock: new Float64Array(total + 1), first: [] };
  let at = 0;
  told.programs.forEach((p, number) => {
    const m = p.moves, x = lengths(m.x), y = lengths(m.y), z = lengths(m.z), centres = lengths(m.centres);
    const seconds = table(m.seconds), jumps = table(m.starts_at), starts = lengths(m.starts);
    s.first.push(at);
    s.kind.set(table(m.kind), at); s.manner.set(table(m.manner), at); s.line.set(table(m.line), at);
    s.feed.set(table(m.feed), at); s.rpm.set(table(m.rpm), at);
    s.rate.set(table(m.rate), at); s.engaged.set(table(m.engaged), at);
    const numbers = table(m.tool);
    let arcs = 0;
    for (let k = 0; k < m.count; k++) {
      const j = at + k;
      s.end.set([x[k], y[k], z[k]], 3 * j);
      if (s.kind[j] >= 2) { s.centre.set(centres.subarray(2 * arcs, 2 * arcs + 2), 2 * j); arcs++; }
      if (k > 0) s.start.set(s.end.subarray(3 * j - 3, 3 * j), 3 * j);
      s.tool[j] = toolRow.has(numbers[k]) ? toolRow.get(numbers[k]) : -1;
      s.program[j] = number;
      s.clock[j + 1] = s.clock[j] + seconds[k];
    }
    jumps.forEach((k, i) => s.start.set(starts.subarray(3 * i, 3 * i + 3), 3 * (at + k)));
    at += m.count;
  });
  s.first.push(at);
  s.lines = told.programs.map((p) => new TextDecoder().decode(table(p.text)).replace(/\r/g, "").replace(/\n$/, "").split("\n"));
  s.shots = told.shots.map((one) => ({ move: one.program < 0 ? 0 : s.first[one.program] + one.after,
    high: heights(one.high, told.height), low: heights(one.low, told.height), deeper: table(one.deeper),
    stretches: heights(one.stretches, told.height) }));
  return s;
}

function heights(one, scale) {
  const whole = table(one), found = new Float32Array(whole.length);
  for (let i = 0; i < whole.length; i++) found[i] = whole[i] === 65535 ? NaN : scale.low + whole[i] * scale.step;
  return found;
}

// The arc of a move: radii, first angle and sweep; null for a straight one.
function arc(s, k) {
  if (s.kind[k] < 2) return null;
  const x0 = s.start[3 * k] - s.centre[2 * k], y0 = s.start[3 * k + 1] - s.centre[2 * k + 1];
  const x1 = s.end[3 * k] - s.centre[2 * k], y1 = s.end[3 * k + 1] - s.centre[2 * k + 1];
  const first = Math.atan2(y0, x0), turn = 2 * Math.PI;
  let sweep = Math.atan2(y1, x1) - first;
  while (s.kind[k] === 3 && sweep <= 5e-7) sweep += turn;
  while (s.kind[k] === 2 && sweep >= -5e-7) sweep -= turn;
  return { r0: Math.hypot(x0, y0), r1: Math.hypot(x1, y1), first, sweep };
}

// Where the tip is after the share f of move k.
function along(s, k, f, bend) {
  const a = 3 * k, z = s.start[a + 2] + (s.end[a + 2] - s.start[a + 2]) * f;
  const curve = bend === undefined ? arc(s, k) : bend;
  if (!curve) {
    return [s.start[a] + (s.end[a] - s.start[a]) * f, s.start[a + 1] + (s.end[a + 1] - s.start[a + 1]) * f, z];
  }
  const r = curve.r0 + (curve.r1 - curve.r0) * f, angle = curve.first + curve.sweep * f;
  return [s.centre[2 * k] + r * Math.cos(angle), s.centre[2 * k + 1] + r * Math.sin(angle), z];
}

function known(s, k) {
  const a = 3 * k;
  return !(isNaN(s.start[a] + s.start[a + 1] + s.start[a + 2] + s.end[a] + s.end[a + 1] + s.end[a + 2]));
}

// All moves as straight segments: 10 numbers each: from, to, tool, manner, when it begins and ends.
function segments(s) {
  const found = [];
  for (let k = 0; k < s.count; k++) {
    if (!known(s, k)) continue;
    const bend = arc(s, k);
    let pieces = 1;
    if (bend) {
      const r = Math.max(bend.r0, bend.r1, 0.02);
      pieces = Math.min(256, Math.ceil(Math.abs(bend.sweep) / (2 * Math.acos(1 - CHORD_MM / r))));
    }
    let from = along(s, k, 0, bend);
    for (let i = 1; i <= pieces; i++) {
      const to = along(s, k, i / pieces, bend), span = s.clock[k + 1] - s.clock[k];
      found.push(from[0], from[1], from[2], to[0], to[1], to[2], s.tool[k], s.manner[k],
        s.clock[k] + span * (i - 1) / pieces, s.clock[k] + span * i / pieces);
      from = to;
    }
  }
  return new Float32Array(found);
}

// The move under way at a time, and the share of it that is done.
function moveAt(s, time) {
  let low = 0, high = s.count - 1;
  while (low < high) {
    const middle = (low + high + 1) >> 1;
    if (s.clock[middle] <= time) low = middle; else high = middle - 1;
  }
  const span = s.clock[low + 1] - s.clock[low];
  return { move: low, share: span > 0 ? Math.min(1, Math.max(0, (time - s.clock[low]) / span)) : 1 };
}
