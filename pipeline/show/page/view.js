// The page itself: what is chosen, what is drawn, and what mouse, fingers and keys do.

const $ = (id) => document.getElementById(id);
const words = JSON.parse($("words").textContent);
let language = record.language;
const spoken = (pair) => pair[language === "ru" ? 1 : 0];
const told = (key) => spoken(words[key]);
const NONE = { told: { index: 0, programs: [], obstacles: [] }, matrix: IDENTITY, count: 0, clock: [0], shots: [],
  first: [0], lines: [] };
const setups = record.setups.map(readSetup);
const view = { s: NONE, stock: null, time: 0, playing: false, tools: -1, manners: 15, part: "deviation", skin: 0.35,
  fixture: true, holder: true, ahead: true, spot: null, faces: null, camera: new Camera() };
const canvas = $("scene"), over = $("over");
let painter = null, drawn = {}, wanted = false;

const CLASSES = { edges: record.scale.edges, tones: record.scale.tones };
const UNCUT = record.scale.uncut;
const rgb = (hex) => [1, 3, 5].map((k) => parseInt(hex.slice(k, k + 2), 16) / 255);
const bodyTone = record.colour.map((v) => 0.55 * v + 0.25);

function partMesh() {
  const p = table(record.part.points), n = table(record.part.normals), data = new Float32Array(2 * p.length);
  for (let k = 0; k < p.length / 3; k++) for (let i = 0; i < 3; i++) {
    data[6 * k + i] = p[3 * k + i]; data[6 * k + 3 + i] = n[3 * k + i] / 127;
  }
  return data;
}

function markPoints() {
  const m = record.marks;
  if (!m) return null;
  const p = table(m.points), n = table(m.normals), d = table(m.deviation), data = new Float32Array(3 * p.length);
  const tones = CLASSES.tones.map(rgb), uncut = rgb(UNCUT);
  for (let k = 0; k < d.length; k++) {
    let row = 0;
    while (row < CLASSES.edges.length && d[k] > CLASSES.edges[row]) row++;
    const tone = isNaN(d[k]) ? uncut : tones[row];
    for (let i = 0; i < 3; i++) {
      data[9 * k + i] = m.low[i] + p[3 * k + i] * m.step[i];
      data[9 * k + 3 + i] = n[3 * k + i] / 127;
      data[9 * k + 6 + i] = tone[i];
    }
  }
  return data;
}

// Segments drawn with one colour at all times: the part's edges, a frame of axes.
function still(points) {
  const data = new Float32Array(points.length / 6 * 10);
  for (let k = 0; k < points.length / 6; k++) {
    data.set(points.slice(6 * k, 6 * k + 6), 10 * k);
    data.set([0, CUT, 0, 0], 10 * k + 6);
  }
  return { data: painter.buffer(data), count: points.length / 6 };
}

function makeOnce() {
  const mesh = partMesh(), triangles = table(record.part.triangles), points = markPoints();
  drawn.part = painter.mesh(mesh, triangles);
  drawn.mesh = mesh;
  drawn.marks = points && { data: painter.buffer(points), count: points.length / 9, points };
  drawn.tools = record.tools.map((t) => [t.cutter, t.shank, t.holder].map((o) => painter.mesh(...revolved(o))));
  drawn.shades = new Float32Array(96);
  record.tools.slice(0, 32).forEach((t, k) => drawn.shades.set(rgb(t.colour), 3 * k));
}

function tellZero() {
  const one = view.s.told;
  $("zero").textContent = one.zero ? `${one.work_offset}: ${spoken(one.zero)}` : "";
}

function choose(index) {
  const s = setups[index] || NONE;
  Object.assign(view, { s, time: 0, playing: false, stock: s.count ? new Stock(s) : null, spot: null, model: columns(s.matrix) });
  if (painter) {
    drawn.path = null;
    if (s.count) {
      const data = segments(s);
      drawn.path = { data: painter.buffer(data), count: data.length / 10, rows: data };
    }
    drawn.boxes = painter.mesh(...boxes(s.told.obstacles));
    drawn.skin = {};
    const edges = table(record.part.edges), moved = [];
    for (let k = 0; k < edges.length; k += 3) moved.push(...V.moved(s.matrix, edges.subarray(k, k + 3)));
    drawn.edges = still(moved);
    stockTo(0);
  }
  $("setup").value = String(index);
  const option = (p, k) => Object.assign(document.createElement("option"), { value: k, textContent: p.name });
  $("program").replaceChildren(...s.told.programs.map(option));
  $("time").max = s.clock[s.count];
  tellZero();
  home("iso");
  go(0);
}

function extent() {
  let [low, high] = [record.part.low, record.part.high];
  const corners = [];
  for (let k = 0; k < 8; k++) {
    corners.push(V.moved(view.s.matrix, [k & 1 ? high[0] : low[0], k & 2 ? high[1] : low[1], k & 4 ? high[2] : low[2]]));
  }
  if (view.s.told.stock_box) corners.push(view.s.told.stock_box.slice(0, 3), view.s.told.stock_box.slice(3));
  if (view.fixture) for (const b of view.s.told.obstacles) corners.push(b.slice(0, 3), b.slice(3));
  return [0, 1].map((k) => [0, 1, 2].map((i) => (k ? Math.max : Math.min)(...corners.map((c) => c[i]))));
}

const VIEWS = { iso: [-0.6, 0.62], top: [0, 1.5707], front: [0, 0.02], right: [Math.PI / 2, 0.02], back: [Math.PI - 0.6, 0.5],
  under: [-0.6, -0.62] };

function home(name) {
  [view.camera.yaw, view.camera.pitch] = VIEWS[name];
  view.camera.fit(...extent(), canvas.clientWidth / Math.max(canvas.clientHeight, 1));
  redraw();
}

function stockTo(time) {
  if (!view.stock || !painter || !view.skin) return;
  const { move, share } = time >= view.s.clock[view.s.count] ? { move: view.s.count, share: 0 } : moveAt(view.s, time);
  if (view.stock.to(move, share) || !drawn.skin.corners) {
    view.stock.surface();
    painter.refill(drawn.skin, view.stock.buffer, view.stock.quads);
  }
}

function go(time) {
  const s = view.s, end = s.clock[s.count];
  view.time = Math.min(end, Math.max(0, time || 0));
  if (s.count) {
    const { move } = moveAt(s, view.time), number = s.program[move];
    view.move = move;
    $("program").value = String(number);
    listing.fill(s.lines[number]);
    listing.mark(s.line[move]);
    $("time").value = view.time;
    const t = record.tools[s.tool[move]], p = s.end.subarray(3 * move, 3 * move + 3);
    const place = [...p].map((v, i) => `${"XYZ"[i]} ${isNaN(v) ? "?" : v.toFixed(3)}`).join("  ");
    const speed = s.manner[move] === RAPID ? told("rapid") : `F ${Math.round(s.feed[move])}  S ${Math.round(s.rpm[move])}`;
    $("state").textContent = `${clockText(view.time)} / ${clockText(end)}   ${t ? `T${t.number} ${t.name}` : ""}   ${place}   ${speed}`;
    document.querySelectorAll("#legend [data-tool]").forEach((row) => {
      row.classList.toggle("now", Number(row.dataset.tool) === s.tool[move]);
    });
  }
  redraw();
}

const clockText = (t) => `${Math.floor(t / 60)}:${String(Math.floor(t % 60)).padStart(2, "0")}`;

function jumpTo(program, line) {
  const s = view.s;
  for (let k = s.first[program]; k < s.first[program + 1]; k++) {
    if (s.line[k] >= line) { go((s.clock[k] + 3 * s.clock[k + 1]) / 4); return; }
  }
  go(s.clock[Math.max(0, s.first[program + 1])] - 1e-3);
}

function redraw() {
  if (wanted) return;
  wanted = true;
  requestAnimationFrame(frame);
}

let before = 0;
function frame(now) {
  wanted = false;
  if (view.playing) {
    const seconds = Math.min(0.1, (now - before) / 1000) * Number($("speed").value);
    before = now;
    if (view.time + seconds >= view.s.clock[view.s.count]) play(false);
    go(view.time + seconds);
  }
  paint();
  if (view.s.count) chart.draw(view.s, view.time, told);
}

function paint() {
  if (!painter) return;
  const ratio = Math.min(window.devicePixelRatio || 1, 2), w = canvas.clientWidth, h = canvas.clientHeight;
  if (!w || !h) return;
  if (canvas.width !== Math.round(w * ratio) || canvas.height !== Math.round(h * ratio)) {
    canvas.width = Math.round(w * ratio); canvas.height = Math.round(h * ratio);
  }
  stockTo(view.time);
  const matrix = view.camera.matrix(w / h), eye = view.camera.frame().eye, world = columns(IDENTITY), s = view.s;
  painter.begin(matrix, eye, canvas.width, canvas.height);
  if (view.faces) painter.drawSolid(view.faces, view.model, [0.85, 0.1, 0.1, 1]);
  if (view.part !== "off") painter.drawSolid(drawn.part, view.model, [...bodyTone, 1]);
  if (view.part === "deviation" && drawn.marks) {
    const size = 1.75 * record.marks.spacing_mm / Math.tan(LENS / 2) * canvas.height / 2;
    painter.drawPoints(drawn.marks, view.model, size);
  }
  const lines = { wide: 1.15 * ratio, shades: drawn.shades, alpha: 1, dash: view.camera.distance / 90 };
  if (view.part !== "off") {
    painter.drawLines(drawn.edges, { ...lines, wide: 0.8 * ratio, now: 1, tools: -1, manners: 15, part: 0,
      shades: new Float32Array(96).fill(0.12) });
  }
  painter.drawLines(drawn.path, { ...lines, now: view.time, tools: view.tools, manners: view.manners, part: 0 });
  if (view.ahead) {
    painter.drawLines(drawn.path, { ...lines, now: view.time, tools: view.tools, manners: view.manners, part: 1, alpha: 0.22 });
  }
  const spot = s.count ? tip() : null;
  if (spot && s.tool[view.move] >= 0) {
    const at = columns([[1, 0, 0, spot[0]], [0, 1, 0, spot[1]], [0, 0, 1, spot[2]]]), [cut, shank, holder] = drawn.tools[s.tool[view.move]];
    painter.drawSolid(cut, at, [...rgb(record.tools[s.tool[view.move]].colour), 1]);
    painter.drawSolid(shank, at, [0.72, 0.73, 0.75, 1]);
    if (view.holder) painter.drawSolid(holder, at, [0.5, 0.52, 0.55, 0.45]);
  }
  if (view.skin && s.count) painter.drawSolid(drawn.skin, world, [...bodyTone, view.skin]);
  if (view.fixture) painter.drawSolid(drawn.boxes, world, [0.42, 0.46, 0.52, 0.3]);
  overlay(matrix, w, h, ratio);
}

function tip() {
  const { move, share } = moveAt(view.s, view.time);
  if (known(view.s, move)) return along(view.s, move, share);
  const p = [...view.s.end.subarray(3 * move, 3 * move + 3)];
  return isNaN(p[0] + p[1] + p[2]) ? null : p;
}

function onScreen(matrix, p, w, h) {
  const q = [0, 1, 3].map((r) => matrix[r] * p[0] + matrix[4 + r] * p[1] + matrix[8 + r] * p[2] + matrix[12 + r]);
  return q[2] > 0 ? [(q[0] / q[2] + 1) * w / 2, (1 - q[1] / q[2]) * h / 2] : null;
}

// The work zero's axes, and the place of the finding that was chosen.
function overlay(matrix, w, h, ratio) {
  over.width = w * ratio; over.height = h * ratio;
  const ink = over.getContext("2d");
  ink.scale(ratio, ratio);
  const zero = onScreen(matrix, [0, 0, 0], w, h), reach = view.camera.distance / 9;
  if (zero && view.s.count) [["X", "#b3261e"], ["Y", "#1b7837"], ["Z", "#1f4fbf"]].forEach(([name, tone], k) => {
    const p = [0, 0, 0];
    p[k] = reach;
    const q = onScreen(matrix, p, w, h);
    if (!q) return;
    ink.strokeStyle = ink.fillStyle = tone;
    ink.lineWidth = 2;
    ink.beginPath(); ink.moveTo(...zero); ink.lineTo(...q); ink.stroke();
    ink.font = "bold 13px system-ui, sans-serif";
    ink.fillText(name, q[0] + 3, q[1] - 3);
  });
  if (view.spot) {
    const q = onScreen(matrix, view.spot.at, w, h);
    if (q) {
      ink.strokeStyle = "#b3001b"; ink.lineWidth = 3;
      ink.beginPath(); ink.arc(q[0], q[1], 16, 0, 7); ink.stroke();
      ink.font = "bold 13px system-ui, sans-serif"; ink.lineWidth = 4; ink.strokeStyle = "#fff";
      ink.strokeText(view.spot.text, q[0] + 20, q[1] + 4);
      ink.fillStyle = "#8c0015"; ink.fillText(view.spot.text, q[0] + 20, q[1] + 4);
    }
  }
}

function play(on) {
  view.playing = on && view.s.count > 0;
  if (view.playing && view.time >= view.s.clock[view.s.count] - 1e-6) go(0);
  before = performance.now();
  $("play").textContent = told(view.playing ? "pause" : "play");
  redraw();
}

// The camera flies to where a finding is; its program's line is shown with it.
function visit(k) {
  const f = record.findings[k];
  let at = f.at;
  const inSetup = f.setup ? record.setups.findIndex((s) => s.index === f.setup) : -1;
  const holds = f.program ? record.setups.findIndex((s) => s.programs.some((p) => p.name === f.program)) : -1;
  const wantedSetup = holds >= 0 ? holds : inSetup;
  if (wantedSetup >= 0 && setups[wantedSetup] !== view.s) choose(wantedSetup);
  if (holds >= 0) {
    jumpTo(view.s.told.programs.findIndex((p) => p.name === f.program), f.line);
    if (!at) at = tip();
    else at = V.moved(view.s.matrix, at.map((v) => v || 0));
  } else if (at) {
    at = inSetup >= 0 ? [at[0], at[1], at[2] === null ? view.s.told.stock_box[5] : at[2]]
      : V.moved(view.s.matrix, at.map((v) => v || 0));
  }
  view.faces = f.faces.length && painter ? facesMesh(new Set(f.faces)) : null;
  let out = null;
  if (f.faces.length) {
    const face = faceMiddle(f.faces[0]);
    at = at || V.moved(view.s.matrix, face.middle);
    out = face.out;
  } else if (at && f.at && record.marks) out = outAt(at);
  if (out) lookFrom(view.s.matrix.map((r) => r[0] * out[0] + r[1] * out[1] + r[2] * out[2]));
  document.querySelectorAll("#findings [data-finding]").forEach((row) => row.classList.toggle("now", Number(row.dataset.finding) === k));
  if (at) fly(at, f.code);
  $("stage").scrollIntoView({ block: "nearest" });
}

function faceMiddle(number) {
  const face = table(record.part.face), triangles = table(record.part.triangles), points = table(record.part.points);
  const sum = [0, 0, 0], out = [0, 0, 0], normals = table(record.part.normals);
  let count = 0;
  face.forEach((n, k) => {
    if (n !== number) return;
    for (let c = 0; c < 3; c++, count++) for (let i = 0; i < 3; i++) {
      sum[i] += points[3 * triangles[3 * k + c] + i];
      out[i] += normals[3 * triangles[3 * k + c] + i];
    }
  });
  return { middle: V.times(sum, 1 / Math.max(count, 1)), out };
}

// Which way the surface looks at the drawn point nearest to a place of the setup's frame.
function outAt(at) {
  const { points, count } = drawn.marks || { count: 0 };
  let best = Infinity, out = null;
  for (let k = 0; k < count; k++) {
    const far = Math.hypot(...V.sub(V.moved(view.s.matrix, points.subarray(9 * k, 9 * k + 3)), at));
    if (far < best) { best = far; out = points.subarray(9 * k + 3, 9 * k + 6); }
  }
  return best < 2 ? out : null;
}

// Turn the camera so that a surface that looks this way is seen, a little from the side.
function lookFrom(n) {
  const flat = Math.hypot(n[0], n[1]);
  if (flat > 0.2 * Math.hypot(...n)) view.camera.yaw = Math.atan2(n[0], -n[1]) + 0.35;
  view.camera.pitch = Math.max(-1.2, Math.min(1.2, Math.atan2(n[2], flat) * 0.75 + (n[2] < -0.5 * flat ? -0.15 : 0.3)));
}

function facesMesh(numbers) {
  const chosen = [], triangles = table(record.part.triangles);
  table(record.part.face).forEach((n, k) => { if (numbers.has(n)) chosen.push(...triangles.subarray(3 * k, 3 * k + 3)); });
  return painter.mesh(drawn.mesh, chosen);
}

function fly(at, text) {
  view.spot = { at, text };
  const from = [...view.camera.target], far = view.camera.distance, near = Math.max(8, view.camera.size * 0.55);
  const calm = window.matchMedia("(prefers-reduced-motion: reduce)").matches;
  const start = performance.now();
  const step = (now) => {
    const f = calm ? 1 : Math.min(1, (now - start) / 500), e = f * f * (3 - 2 * f);
    view.camera.target = V.add(V.times(from, 1 - e), V.times(at, e));
    view.camera.distance = far * (1 - e) + near * e;
    redraw();
    if (f < 1) requestAnimationFrame(step);
  };
  step(calm ? start + 500 : start);
}

// What is under the pointer: a surface point with its deviation, or a move of the program.
function pick(x, y) {
  const w = canvas.clientWidth, h = canvas.clientHeight, matrix = view.camera.matrix(w / h), s = view.s;
  let best = { d: 7, depth: Infinity };
  if (view.part === "deviation" && drawn.marks && !(view.skin >= 1)) {
    const { points } = drawn.marks, eye = view.camera.frame().eye, d = table(record.marks.deviation);
    for (let k = 0; k < d.length; k++) {
      const p = V.moved(s.matrix, points.subarray(9 * k, 9 * k + 3)), q = onScreen(matrix, p, w, h);
      if (!q) continue;
      const off = Math.hypot(q[0] - x, q[1] - y), n = points.subarray(9 * k + 3, 9 * k + 6);
      const turned = s.matrix.map((r) => r[0] * n[0] + r[1] * n[1] + r[2] * n[2]), look = V.sub(eye, p);
      if (off > 5 || V.dot(turned, look) <= 0) continue;
      const depth = Math.hypot(...look);
      if (depth < best.depth) best = { d: off, depth, at: p, mark: k };
    }
  }
  if (best.mark === undefined && drawn.path) {
    const rows = drawn.path.rows;
    for (let k = 0; k < rows.length; k += 10) {
      if (!((view.tools >> rows[k + 6]) & 1) || !((view.manners >> rows[k + 7]) & 1)) continue;
      const a = onScreen(matrix, rows.subarray(k, k + 3), w, h), b = onScreen(matrix, rows.subarray(k + 3, k + 6), w, h);
      if (!a || !b) continue;
      const u = [b[0] - a[0], b[1] - a[1]], n = u[0] * u[0] + u[1] * u[1];
      const f = n ? Math.min(1, Math.max(0, ((x - a[0]) * u[0] + (y - a[1]) * u[1]) / n)) : 0;
      const off = Math.hypot(a[0] + f * u[0] - x, a[1] + f * u[1] - y);
      if (off < best.d) best = { d: off, time: rows[k + 8] + f * (rows[k + 9] - rows[k + 8]) };
    }
  }
  if (best.mark !== undefined) {
    const m = record.marks, d = table(m.deviation)[best.mark], line = table(m.line)[best.mark];
    const where = setups[table(m.setup)[best.mark]];
    const by = line && where ? `, ${where.told.programs[table(m.program)[best.mark]].name} ${told("line")} ${line}` : "";
    view.spot = { at: best.at, text: isNaN(d) ? told("uncut") : `${d > 0 ? "+" : ""}${d.toFixed(4)} ${told("mm")}${by}` };
    redraw();
  } else if (best.time !== undefined) { view.spot = null; go(best.time); } else { view.spot = null; redraw(); }
}
