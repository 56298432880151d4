// Mouse, fingers, keys and the page's buttons.

const listing = new Listing($("text"), (line) => jumpTo(Number($("program").value), line));
const chart = new Chart($("chart"), (time) => go(time));

function orbit(dx, dy) {
  view.camera.yaw -= dx * 0.008;
  view.camera.pitch = Math.min(1.5707, Math.max(-1.5707, view.camera.pitch + dy * 0.008));
  redraw();
}

function pan(dx, dy) {
  const { right, up } = view.camera.frame(), scale = 2 * Math.tan(LENS / 2) * view.camera.distance / canvas.clientHeight;
  view.camera.target = V.add(view.camera.target, V.add(V.times(right, -dx * scale), V.times(up, dy * scale)));
  redraw();
}

function zoom(factor) {
  view.camera.distance = Math.min(view.camera.size * 20, Math.max(view.camera.size * 0.01, view.camera.distance * factor));
  redraw();
}

const fingers = new Map();
let moved = 0;
canvas.addEventListener("contextmenu", (e) => e.preventDefault());
canvas.addEventListener("pointerdown", (e) => {
  canvas.setPointerCapture(e.pointerId);
  fingers.set(e.pointerId, [e.offsetX, e.offsetY]);
  moved = 0;
});
canvas.addEventListener("pointermove", (e) => {
  const was = fingers.get(e.pointerId);
  if (!was) return;
  const now = [e.offsetX, e.offsetY], d = V.sub([...now, 0], [...was, 0]);
  moved += Math.abs(d[0]) + Math.abs(d[1]);
  if (fingers.size === 2) {
    const other = [...fingers.entries()].find(([id]) => id !== e.pointerId)[1];
    const far = (p) => Math.hypot(p[0] - other[0], p[1] - other[1]) || 1;
    zoom(far(was) / far(now));
    pan(d[0] / 2, d[1] / 2);
  } else if (e.shiftKey || e.buttons & 6) pan(d[0], d[1]);
  else orbit(d[0], d[1]);
  fingers.set(e.pointerId, now);
});
for (const end of ["pointerup", "pointercancel"]) canvas.addEventListener(end, (e) => {
  if (end === "pointerup" && fingers.size === 1 && moved < 4) pick(e.offsetX, e.offsetY);
  fingers.delete(e.pointerId);
});
canvas.addEventListener("wheel", (e) => { e.preventDefault(); zoom(Math.exp(e.deltaY * 0.0012)); }, { passive: false });

function stepMove(by) {
  const s = view.s, k = Math.min(s.count - 1, Math.max(0, (view.move || 0) + by));
  if (s.count) go(s.clock[k] + (s.clock[k + 1] - s.clock[k]) * 0.999);
}

function stepTool(by) {
  const s = view.s, edges = [0, ...s.shots.map((one) => one.move).filter((m) => m < s.count)];
  const sorted = [...new Set(edges)].sort((a, b) => a - b), now = sorted.filter((m) => m <= (view.move || 0)).length - 1;
  if (s.count) go(s.clock[sorted[Math.min(sorted.length - 1, Math.max(0, now + by))]]);
}

const KEYS = { " ": () => play(!view.playing), ".": () => stepMove(1), ",": () => stepMove(-1), "]": () => stepTool(1),
  "[": () => stepTool(-1), "+": () => zoom(0.87), "=": () => zoom(0.87), "-": () => zoom(1.15), 1: () => home("iso"),
  2: () => home("top"), 3: () => home("front"), 4: () => home("right"), 5: () => home("back"), 6: () => home("under"),
  ArrowLeft: (s) => (s ? pan(-25, 0) : orbit(-12, 0)), ArrowRight: (s) => (s ? pan(25, 0) : orbit(12, 0)),
  ArrowUp: (s) => (s ? pan(0, -25) : orbit(0, -12)), ArrowDown: (s) => (s ? pan(0, 25) : orbit(0, 12)) };
$("stage").addEventListener("keydown", (e) => {
  const inField = ["SELECT", "INPUT", "BUTTON", "TEXTAREA"].includes(e.target.tagName);
  if (inField || e.ctrlKey || e.metaKey || e.altKey || !KEYS[e.key]) return;
  e.preventDefault();
  KEYS[e.key](e.shiftKey);
});

function speak(to) {
  language = to;
  document.documentElement.lang = to;
  document.querySelectorAll("[data-w]").forEach((e) => { e.textContent = told(e.dataset.w); });
  document.querySelectorAll("[data-label]").forEach((e) => e.setAttribute("aria-label", told(e.dataset.label)));
  $("language").textContent = to === "ru" ? "English" : "Русский";
  $("play").textContent = told(view.playing ? "pause" : "play");
  document.querySelectorAll("#setup option").forEach((o, k) => {
    o.textContent = `${told("setup")} ${record.setups[k].index}: ${spoken(record.setups[k].name)}`;
  });
  tellZero();
  go(view.time);
}

function bind() {
  $("setup").addEventListener("change", (e) => choose(Number(e.target.value)));
  $("program").addEventListener("change", (e) => go(view.s.clock[view.s.first[Number(e.target.value)]]));
  $("time").addEventListener("input", (e) => { play(false); go(Number(e.target.value)); });
  $("play").addEventListener("click", () => play(!view.playing));
  $("back").addEventListener("click", () => stepMove(-1));
  $("forth").addEventListener("click", () => stepMove(1));
  $("language").addEventListener("click", () => speak(language === "ru" ? "en" : "ru"));
  document.querySelectorAll("[data-view]").forEach((b) => b.addEventListener("click", () => home(b.dataset.view)));
  document.querySelectorAll("[data-finding]").forEach((b) => b.addEventListener("click", () => visit(Number(b.dataset.finding))));
  document.querySelectorAll("input[data-tool]").forEach((b) => b.addEventListener("change", () => {
    const bit = 1 << Number(b.dataset.tool);
    view.tools = b.checked ? view.tools | bit : view.tools & ~bit;
    redraw();
  }));
  document.querySelectorAll("input[data-manner]").forEach((b) => b.addEventListener("change", () => {
    const bit = 1 << Number(b.dataset.manner);
    view.manners = b.checked ? view.manners | bit : view.manners & ~bit;
    redraw();
  }));
  $("skin").addEventListener("input", (e) => { view.skin = Number(e.target.value); redraw(); });
  $("show-part").addEventListener("change", (e) => { view.part = e.target.value; redraw(); });
  for (const name of ["fixture", "holder", "ahead"]) {
    $(`show-${name}`).addEventListener("change", (e) => { view[name] = e.target.checked; redraw(); });
  }
  new ResizeObserver(redraw).observe(canvas);
  window.addEventListener("beforeprint", paint);
}

try {
  painter = new Painter(canvas);
  makeOnce();
} catch (error) {
  painter = null;
  document.body.classList.add("flat");
  $("no-gl").hidden = false;
}
bind();
choose(0);
speak(language);
