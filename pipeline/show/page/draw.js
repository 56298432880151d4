// Draws in three dimensions: shaded solids, thick lines that follow the clock, surface points, and the camera.

const V = {
  sub: (a, b) => [a[0] - b[0], a[1] - b[1], a[2] - b[2]],
  add: (a, b) => [a[0] + b[0], a[1] + b[1], a[2] + b[2]],
  times: (a, f) => [a[0] * f, a[1] * f, a[2] * f],
  dot: (a, b) => a[0] * b[0] + a[1] * b[1] + a[2] * b[2],
  cross: (a, b) => [a[1] * b[2] - a[2] * b[1], a[2] * b[0] - a[0] * b[2], a[0] * b[1] - a[1] * b[0]],
  unit: (a) => { const n = Math.hypot(...a) || 1; return [a[0] / n, a[1] / n, a[2] / n]; },
  moved: (m, p) => m.map((r) => r[0] * p[0] + r[1] * p[1] + r[2] * p[2] + r[3]),
};

const IDENTITY = [[1, 0, 0, 0], [0, 1, 0, 0], [0, 0, 1, 0]];

// Column-major 4x4 matrices, as the graphics card takes them.
function columns(rows) {
  const m = new Float32Array(16);
  for (let r = 0; r < 3; r++) for (let c = 0; c < 4; c++) m[4 * c + r] = rows[r][c];
  m[15] = 1;
  return m;
}

function product(a, b) {
  const m = new Float32Array(16);
  for (let c = 0; c < 4; c++) for (let r = 0; r < 4; r++) {
    let sum = 0;
    for (let k = 0; k < 4; k++) sum += a[4 * k + r] * b[4 * c + k];
    m[4 * c + r] = sum;
  }
  return m;
}

const LENS = 26 * Math.PI / 180;

class Camera {
  constructor() { this.yaw = -0.6; this.pitch = 0.62; this.target = [0, 0, 0]; this.distance = 300; this.size = 100; }

  back() {
    return [Math.cos(this.pitch) * Math.sin(this.yaw), -Math.cos(this.pitch) * Math.cos(this.yaw), Math.sin(this.pitch)];
  }

  frame() {
    const back = this.back(), right = [Math.cos(this.yaw), Math.sin(this.yaw), 0];
    return { back, right, up: V.cross(back, right), eye: V.add(this.target, V.times(back, this.distance)) };
  }

  matrix(aspect) {
    const { back, right, up, eye } = this.frame();
    const view = columns([[...right, -V.dot(right, eye)], [...up, -V.dot(up, eye)], [...back, -V.dot(back, eye)]]);
    const near = Math.max(this.distance - 4 * this.size, this.distance * 0.02), far = this.distance + 6 * this.size;
    const f = 1 / Math.tan(LENS / 2), lens = new Float32Array(16);
    lens[0] = f / Math.max(aspect, 1e-3); lens[5] = f; lens[10] = (far + near) / (near - far); lens[11] = -1;
    lens[14] = 2 * far * near / (near - far);
    return product(lens, view);
  }

  fit(low, high, aspect) {
    this.target = V.times(V.add(low, high), 0.5);
    this.size = Math.hypot(...V.sub(high, low)) || 1;
    const { right, up, back } = this.frame(), f = Math.tan(LENS / 2) * 0.94;
    let far = 0;
    for (let k = 0; k < 8; k++) {
      const p = V.sub([k & 1 ? high[0] : low[0], k & 2 ? high[1] : low[1], k & 4 ? high[2] : low[2]], this.target);
      far = Math.max(far, Math.max(Math.abs(V.dot(p, right)) / aspect, Math.abs(V.dot(p, up))) / f + V.dot(p, back));
    }
    this.distance = far;
  }
}

const SOLID_V = `#version 300 es
in vec3 place; in vec3 normal; uniform mat4 camera; uniform mat4 model; out vec3 n; out vec3 at;
void main() { vec4 p = model * vec4(place, 1.0); at = p.xyz; n = mat3(model) * normal; gl_Position = camera * p; }`;
const SOLID_F = `#version 300 es
precision highp float; in vec3 n; in vec3 at; uniform vec4 colour; uniform vec3 eye; out vec4 paint;
void main() {
  vec3 look = normalize(eye - at); vec3 d = normalize(n); if (dot(d, look) < 0.0) d = -d;
  float light = 0.36 + 0.44 * max(dot(d, normalize(look + vec3(0.25, -0.15, 0.55))), 0.0) + 0.22 * max(d.z, 0.0);
  paint = vec4(colour.rgb * light, colour.a);
}`;
const LINE_V = `#version 300 es
in vec2 corner; in vec3 a; in vec3 b; in vec4 info; uniform mat4 camera; uniform vec2 screen; uniform float wide;
uniform float now; uniform int tools; uniform int manners; uniform int part; uniform vec3 shade[32];
out vec3 tint; out float mm; out float rapid;
void main() {
  int tool = int(info.x); int manner = int(info.y);
  gl_Position = vec4(2.0, 2.0, 2.0, 1.0); tint = vec3(0.0); mm = 0.0; rapid = manner == 0 ? 1.0 : 0.0;
  if (tool < 0 || ((tools >> tool) & 1) == 0 || ((manners >> manner) & 1) == 0) return;
  vec3 from = a; vec3 to = b;
  float share = info.w > info.z ? clamp((now - info.z) / (info.w - info.z), 0.0, 1.0) : step(info.z, now);
  if (part == 0) { if (share <= 0.0) return; to = mix(a, b, share); }
  else { if (share >= 1.0) return; from = mix(a, b, share); }
  vec4 p = camera * vec4(from, 1.0); vec4 q = camera * vec4(to, 1.0);
  if (p.w <= 0.0 || q.w <= 0.0) return;
  vec2 s = p.xy / p.w * screen; vec2 t = q.xy / q.w * screen; vec2 along = t - s;
  along = length(along) > 1e-4 ? normalize(along) : vec2(1.0, 0.0);
  float w = manner == 0 ? 0.6 * wide : manner == 3 ? 0.75 * wide : wide;
  vec4 e = corner.x < 0.5 ? p : q;
  e.xy += (vec2(-along.y, along.x) * corner.y + along * (corner.x - 0.5) * 0.8) * w / screen * e.w;
  e.z -= 1.2e-4 * e.w; gl_Position = e; mm = length(to - from) * corner.x;
  tint = manner == 0 ? vec3(0.80, 0.05, 0.10) : manner == 3 ? mix(shade[tool], vec3(1.0), 0.45)
    : manner == 2 ? shade[tool] * 0.55 : shade[tool];
}`;
const LINE_F = `#version 300 es
precision highp float; in vec3 tint; in float mm; in float rapid; uniform float alpha; uniform float dash; out vec4 paint;
void main() { if (rapid > 0.5 && fract(mm / dash) > 0.55) discard; paint = vec4(tint, alpha); }`;
const POINT_V = `#version 300 es
in vec3 place; in vec3 normal; in vec3 tone; uniform mat4 camera; uniform mat4 model; uniform vec3 eye;
uniform float size; out vec3 tint;
void main() {
  vec4 p = model * vec4(place, 1.0); vec3 n = normalize(mat3(model) * normal); vec3 look = normalize(eye - p.xyz);
  gl_Position = vec4(2.0, 2.0, 2.0, 1.0); gl_PointSize = 1.0; tint = tone;
  float face = dot(n, look);
  if (face <= 0.02) return;
  tint = tone * (0.72 + 0.28 * face);
  gl_Position = camera * (p + vec4(n * 0.02, 0.0)); gl_Position.z -= 1.5e-5 * gl_Position.w;
  gl_PointSize = clamp(size / gl_Position.w, 1.5, 40.0);
}`;
const POINT_F = `#version 300 es
precision highp float; in vec3 tint; out vec4 paint; void main() { paint = vec4(tint, 1.0); }`;

class Painter {
  constructor(canvas) {
    this.gl = canvas.getContext("webgl2", { alpha: false, antialias: true, preserveDrawingBuffer: true });
    if (!this.gl) throw new Error("no WebGL 2");
    const gl = this.gl;
    this.solid = this.program(SOLID_V, SOLID_F);
    this.line = this.program(LINE_V, LINE_F);
    this.point = this.program(POINT_V, POINT_F);
    this.corners = this.buffer(new Float32Array([0, -1, 1, -1, 0, 1, 1, 1]));
    this.squares = gl.createBuffer();
    this.room = 0;
    gl.enable(gl.DEPTH_TEST);
    gl.blendFunc(gl.SRC_ALPHA, gl.ONE_MINUS_SRC_ALPHA);
  }

  program(vertex, fragment) {
    const gl = this.gl, made = gl.createProgram();
    for (const [kind, text] of [[gl.VERTEX_SHADER, vertex], [gl.FRAGMENT_SHADER, fragment]]) {
      const shader = gl.createShader(kind);
      gl.shaderSource(shader, text);
      gl.compileShader(shader);
      gl.attachShader(made, shader);
    }
    gl.linkProgram(made);
    if (!gl.getProgramParameter(made, gl.LINK_STATUS)) throw new Error(gl.getProgramInfoLog(made));
    const at = {};
    for (let i = gl.getProgramParameter(made, gl.ACTIVE_UNIFORMS) - 1; i >= 0; i--) {
      const name = gl.getActiveUniform(made, i).name;
      at[name.replace("[0]", "")] = gl.getUniformLocation(made, name);
    }
    return { made, at, attribute: (name) => gl.getAttribLocation(made, name) };
  }

  buffer(data, target) {
    const gl = this.gl, made = gl.createBuffer();
    gl.bindBuffer(target || gl.ARRAY_BUFFER, made);
    gl.bufferData(target || gl.ARRAY_BUFFER, data, gl.STATIC_DRAW);
    return made;
  }

  // A solid from corners of 6 numbers (place, direction) and corner numbers of its triangles.
  mesh(corners, triangles) {
    const gl = this.gl, data = corners instanceof Float32Array ? corners : new Float32Array(corners);
    return { corners: this.buffer(data), count: triangles.length,
      triangles: this.buffer(new Uint32Array(triangles), gl.ELEMENT_ARRAY_BUFFER) };
  }

  // The stock: squares of 4 corners, laid anew each time.
  refill(one, data, quads) {
    const gl = this.gl;
    one.corners = one.corners || gl.createBuffer();
    gl.bindBuffer(gl.ARRAY_BUFFER, one.corners);
    gl.bufferData(gl.ARRAY_BUFFER, data.subarray(0, 24 * quads), gl.DYNAMIC_DRAW);
    if (quads > this.room) {
      this.room = Math.ceil(1.5 * quads);
      const index = new Uint32Array(6 * this.room);
      for (let q = 0; q < this.room; q++) index.set([4 * q, 4 * q + 1, 4 * q + 2, 4 * q, 4 * q + 2, 4 * q + 3], 6 * q);
      gl.bindBuffer(gl.ELEMENT_ARRAY_BUFFER, this.squares);
      gl.bufferData(gl.ELEMENT_ARRAY_BUFFER, index, gl.STATIC_DRAW);
    }
    one.triangles = this.squares;
    one.count = 6 * quads;
  }

  begin(camera, eye, width, height) {
    const gl = this.gl;
    this.camera = camera; this.eye = eye; this.screen = [width / 2, height / 2];
    gl.viewport(0, 0, width, height);
    gl.clearColor(0.965, 0.968, 0.96, 1);
    gl.clear(gl.COLOR_BUFFER_BIT | gl.DEPTH_BUFFER_BIT);
  }

  attribute(program, name, size, stride, offset, each) {
    const gl = this.gl, at = program.attribute(name);
    if (at < 0) return;
    gl.enableVertexAttribArray(at);
    gl.vertexAttribPointer(at, size, gl.FLOAT, false, stride, offset);
    gl.vertexAttribDivisor(at, each || 0);
  }

  drawSolid(one, model, colour) {
    if (!one || !one.count) return;
    const gl = this.gl, p = this.solid, seeThrough = colour[3] < 1;
    gl.useProgram(p.made);
    gl.uniformMatrix4fv(p.at.camera, false, this.camera);
    gl.uniformMatrix4fv(p.at.model, false, model);
    gl.uniform4fv(p.at.colour, colour);
    gl.uniform3fv(p.at.eye, this.eye);
    gl.bindBuffer(gl.ARRAY_BUFFER, one.corners);
    this.attribute(p, "place", 3, 24, 0);
    this.attribute(p, "normal", 3, 24, 12);
    gl.bindBuffer(gl.ELEMENT_ARRAY_BUFFER, one.triangles);
    gl.enable(gl.POLYGON_OFFSET_FILL);
    gl.polygonOffset(1, 1);
    if (seeThrough) {
      // First the depth alone, so that only the nearest skin is seen through.
      gl.colorMask(false, false, false, false);
      gl.drawElements(gl.TRIANGLES, one.count, gl.UNSIGNED_INT, 0);
      gl.colorMask(true, true, true, true);
      gl.enable(gl.BLEND);
      gl.depthFunc(gl.LEQUAL);
    }
    gl.drawElements(gl.TRIANGLES, one.count, gl.UNSIGNED_INT, 0);
    gl.disable(gl.BLEND);
    gl.disable(gl.POLYGON_OFFSET_FILL);
    gl.depthFunc(gl.LESS);
  }

  // Segments of 10 numbers. `part` 0 draws what is done at `now`, 1 what is still to come.
  drawLines(one, { wide, now, tools, manners, part, shades, alpha, dash }) {
    if (!one || !one.count) return;
    const gl = this.gl, p = this.line;
    gl.useProgram(p.made);
    gl.uniformMatrix4fv(p.at.camera, false, this.camera);
    gl.uniform2fv(p.at.screen, this.screen);
    gl.uniform1f(p.at.wide, wide); gl.uniform1f(p.at.now, now); gl.uniform1f(p.at.alpha, alpha);
    gl.uniform1f(p.at.dash, dash); gl.uniform1i(p.at.tools, tools); gl.uniform1i(p.at.manners, manners);
    gl.uniform1i(p.at.part, part); gl.uniform3fv(p.at.shade, shades);
    gl.bindBuffer(gl.ARRAY_BUFFER, this.corners);
    this.attribute(p, "corner", 2, 8, 0);
    gl.bindBuffer(gl.ARRAY_BUFFER, one.data);
    this.attribute(p, "a", 3, 40, 0, 1);
    this.attribute(p, "b", 3, 40, 12, 1);
    this.attribute(p, "info", 4, 40, 24, 1);
    if (alpha < 1) { gl.enable(gl.BLEND); gl.depthMask(false); }
    gl.drawArraysInstanced(gl.TRIANGLE_STRIP, 0, 4, one.count);
    gl.disable(gl.BLEND);
    gl.depthMask(true);
    for (const name of ["a", "b", "info"]) {
      const at = p.attribute(name);
      gl.vertexAttribDivisor(at, 0);
      gl.disableVertexAttribArray(at);
    }
  }

  // Points of 9 numbers: place, direction, colour.
  drawPoints(one, model, size) {
    if (!one || !one.count) return;
    const gl = this.gl, p = this.point;
    gl.useProgram(p.made);
    gl.uniformMatrix4fv(p.at.camera, false, this.camera);
    gl.uniformMatrix4fv(p.at.model, false, model);
    gl.uniform3fv(p.at.eye, this.eye);
    gl.uniform1f(p.at.size, size);
    gl.bindBuffer(gl.ARRAY_BUFFER, one.data);
    this.attribute(p, "place", 3, 36, 0);
    this.attribute(p, "normal", 3, 36, 12);
    this.attribute(p, "tone", 3, 36, 24);
    gl.drawArrays(gl.POINTS, 0, one.count);
  }
}

// A solid of revolution about the tool's axis, from an outline of (radius, height).
function revolved(outline) {
  const corners = [], triangles = [], around = 40;
  for (let k = 1; k < outline.length; k++) {
    const [r0, z0] = outline[k - 1], [r1, z1] = outline[k], n = V.unit([z1 - z0, 0, r0 - r1]);
    if (r0 === r1 && z0 === z1) continue;
    for (let i = 0; i < around; i++) {
      const first = corners.length / 6;
      for (const [r, z, j] of [[r0, z0, i], [r0, z0, i + 1], [r1, z1, i + 1], [r1, z1, i]]) {
        const c = Math.cos(2 * Math.PI * j / around), s = Math.sin(2 * Math.PI * j / around);
        corners.push(r * c, r * s, z, n[0] * c, n[0] * s, n[2]);
      }
      triangles.push(first, first + 1, first + 2, first, first + 2, first + 3);
    }
  }
  return [corners, triangles];
}

function boxes(list) {
  const corners = [], triangles = [];
  for (const b of list) {
    for (let axis = 0; axis < 3; axis++) for (const side of [0, 1]) {
      const u = (axis + 1) % 3, v = (axis + 2) % 3, first = corners.length / 6, n = [0, 0, 0];
      n[axis] = side ? 1 : -1;
      for (const [p, q] of [[0, 0], [1, 0], [1, 1], [0, 1]]) {
        const at = [0, 0, 0];
        at[axis] = b[axis + 3 * side]; at[u] = b[u + 3 * p]; at[v] = b[v + 3 * q];
        corners.push(...at, ...n);
      }
      triangles.push(first, first + 1, first + 2, first, first + 2, first + 3);
    }
  }
  return [corners, triangles];
}
