// Pictures of networks: answers as colour, paler where less sure, boundaries, points; or a curve of one input.
const CLASSES = ["#E69F00", "#0072B2", "#009E73", "#CC79A7", "#D55E00", "#56B4E9", "#666666", "#000000", "#F0E442"];
const rgb = (hex) => [1, 3, 5].map((i) => parseInt(hex.slice(i, i + 2), 16));

function sized(canvas, width, height) {
  const ratio = window.devicePixelRatio || 1;
  [canvas.width, canvas.height] = [Math.round(width * ratio), Math.round(height * ratio)];
  const pen = canvas.getContext("2d");
  pen.scale(ratio, ratio);
  return pen;
}

function strokeField(pen, field, steps, side) {
  const at = (v) => (v / (steps - 1)) * side;
  pen.beginPath();
  for (const [x1, y1, x2, y2] of contour(field, steps)) {
    pen.moveTo(at(x1), side - at(y1));
    pen.lineTo(at(x2), side - at(y2));
  }
  pen.stroke();
}

function drawPlane(canvas, run, { side, steps, points = true, also = [], large = false }) {
  const network = networkFor(run), own = pointsFor(run), pen = sized(canvas, side, side);
  const { output, steps: n } = outputsOf(run, steps);
  const paper = rgb(color("--paper")), image = new ImageData(n, n);
  for (let i = 0; i < n; i++)
    for (let j = 0; j < n; j++) {
      const [k, sure] = answer(network, output, i * n + j), tint = rgb(CLASSES[k % CLASSES.length]);
      const at = 4 * ((n - 1 - i) * n + j);
      for (let c = 0; c < 3; c++) image.data[at + c] = paper[c] + 0.55 * sure * (tint[c] - paper[c]);
      image.data[at + 3] = 255;
    }
  const small = el("canvas", { width: n, height: n });
  small.getContext("2d").putImageData(image, 0, 0);
  pen.imageSmoothingQuality = "high";
  const edge = n / (n - 1); // the middle of the outer pixels lies on the edge
  pen.drawImage(small, (side - side * edge) / 2, (side - side * edge) / 2, side * edge, side * edge);
  const px = (x) => (side * (x - own.low[0])) / (own.high[0] - own.low[0]);
  const py = (y) => side - (side * (y - own.low[1])) / (own.high[1] - own.low[1]);
  pen.strokeStyle = color("--soft");
  pen.lineWidth = 0.6;
  for (const other of also) {
    const asked = outputsOf(other, 40);
    for (const field of fields(network, asked.output)) strokeField(pen, field, asked.steps, side);
  }
  const wrong = points ? drawPoints(pen, run, px, py, large) : null;
  pen.strokeStyle = color("--ink");
  pen.lineWidth = large ? 2.2 : 1.6;
  for (const field of fields(network, output)) strokeField(pen, field, n, side);
  if (own.truth) {
    const truth = floats(own.truth);
    pen.setLineDash([5, 4]);
    pen.lineWidth = large ? 1.6 : 1.1;
    pen.beginPath();
    for (let i = 0; i < truth.length; i += 2)
      Number.isFinite(truth[i]) ? pen.lineTo(px(truth[i]), py(truth[i + 1])) : pen.closePath();
    pen.stroke();
    pen.setLineDash([]);
  }
  return wrong;
}

function drawPoints(pen, run, px, py, large) {
  const own = pointsFor(run), at = floats(own.x), scripted = run.id in data.networks.weights;
  const network = networkFor(run), output = scripted ? layersOf(weightsOf(run), network, at).at(-1) : null;
  let wrong = 0;
  own.y.forEach((k, i) => {
    const miss = output !== null && answer(network, output, i)[0] !== k;
    wrong += miss;
    if (!large && !miss) return;
    pen.beginPath();
    pen.arc(px(at[2 * i]), py(at[2 * i + 1]), miss ? (large ? 4.5 : 2.4) : 1.8, 0, 2 * Math.PI);
    pen.fillStyle = CLASSES[k % CLASSES.length];
    pen.fill();
    if (miss) { pen.strokeStyle = color("--ink"); pen.lineWidth = large ? 1.2 : 0.8; pen.stroke(); }
  });
  return output === null ? null : wrong;
}

function drawCurve(canvas, run, { side, also = [], large = false }) {
  const own = pointsFor(run), pen = sized(canvas, side, side), x = floats(own.x), y = floats(own.y);
  const [low, high] = [Math.min(...y), Math.max(...y)], room = 0.08 * (high - low) || 1;
  const px = (v) => (side * (v - own.low[0])) / (own.high[0] - own.low[0]);
  const py = (v) => side - (side * (v - low + room)) / (high - low + 2 * room);
  const trace = (values) => {
    pen.beginPath();
    values.forEach((v, i) => pen.lineTo((side * i) / (values.length - 1), Math.max(-9, Math.min(side + 9, py(v)))));
    pen.stroke();
  };
  pen.fillStyle = color("--paper");
  pen.fillRect(0, 0, side, side);
  pen.fillStyle = color("--soft");
  x.forEach((v, i) => { pen.globalAlpha = 0.5; pen.beginPath(); pen.arc(px(v), py(y[i]), large ? 2 : 1.2, 0, 7); pen.fill(); });
  pen.globalAlpha = 1;
  pen.strokeStyle = color("--soft");
  pen.lineWidth = 0.6;
  for (const other of also) trace(outputsOf(other, 120).output);
  pen.strokeStyle = color("--focus");
  pen.lineWidth = large ? 2.4 : 1.8;
  trace(outputsOf(run, 200).output);
  if (own.truth) { pen.strokeStyle = color("--ink"); pen.setLineDash([5, 4]); pen.lineWidth = 1.2; trace(floats(own.truth)); pen.setLineDash([]); }
  return null;
}
const drawNetwork = (canvas, run, options) => (networkFor(run).kind === "plane" ? drawPlane : drawCurve)(canvas, run, options);

function showNetworks() {
  const { seeds, notes } = data.networks;
  const numbers = Object.keys(data.networks.cells).map(Number);
  if (!numbers.length) {
    if (!notes.length) return;
    byId("networks").hidden = false;
  }
  byId("network-notes").append(...notes.map((text) => el("p", { class: "note" }, text)));
  if (!numbers.length) return;
  byId("networks").hidden = false;
  const state = { seed: seeds[0], all: false };
  const score = scoreOf.get(data.headline);
  const runOf = (cell, seed) => data.runs.find((run) => run.cell === cell && run.seed === seed);
  const panels = numbers.map((cell) => {
    const canvas = el("canvas", { role: "img" }), caption = el("figcaption");
    const button = el("button", { type: "button", class: "picture", onclick: () => showRun(runOf(cell, state.seed)) }, canvas);
    const draw = () => {
      const run = runOf(cell, state.seed), side = Math.max(button.clientWidth - 2, 60);
      const shown = run && isShown(run);
      const told = !run ? "no such run" : `${score.title} ${scoreText(run, score)}${score.percent ? " %" : ""}`;
      caption.replaceChildren(cellName(data.cells[cell]), el("small", {}, shown || (run && run.scores) ? told : "missing", run && run.status === "diverged" ? ", diverged" : ""));
      canvas.setAttribute("aria-label", `${cellName(data.cells[cell])}, seed ${state.seed}: ${told}`);
      const also = !state.all ? [] : seeds.filter((seed) => seed !== state.seed).map((seed) => runOf(cell, seed)).filter((other) => other && isShown(other));
      if (shown) drawNetwork(canvas, run, { side, steps: 56, also });
      else sized(canvas, side, side);
    };
    const seen = new IntersectionObserver((entries) => { if (entries.some((entry) => entry.isIntersecting)) { seen.disconnect(); button.due = false; draw(); } }, { rootMargin: "300px" });
    button.due = true;
    seen.observe(button);
    return { figure: el("figure", { class: "panel" }, button, caption), draw, button };
  });
  byId("network-grid").append(...panels.map((panel) => panel.figure));
  const redraw = () => panels.filter((panel) => !panel.button.due).forEach((panel) => panel.draw());
  window.addEventListener("beforeprint", () => panels.forEach((panel) => { panel.button.due = false; panel.draw(); }));
  matchMedia("(prefers-color-scheme: dark)").addEventListener("change", redraw);
  const controls = [];
  if (seeds.length > 1)
    controls.push(choice("Seed", seeds.map((seed) => [seed, String(seed)]), (seed) => { state.seed = Number(seed); redraw(); }),
      tick("all seeds’ boundaries as thin lines", false, (on) => { state.all = on; redraw(); }));
  const planes = numbers.map((i) => data.networks.cells[i]).filter((network) => network.kind === "plane");
  const names = planes.length ? planes.reduce((a, b) => (b.classes.length > a.classes.length ? b : a)).classes : [];
  byId("network-controls").append(...controls);
  byId("network-notes").prepend(el("p", { class: "note legend" }, names.map((name, k) => el("span", {},
    svg("svg", { width: 12, height: 12, "aria-hidden": true }, svg("rect", { width: 12, height: 12, fill: CLASSES[k % CLASSES.length] })), name))),
    el("p", { class: "note" }, (planes.length
      ? "Colour: the network’s answer, paler where it is less sure. Solid: its boundary; dashed: the true one. Dots: points that it gets wrong. "
      : "Line: what the network says; dashed: the truth. ") + "A click opens one network. Networks are shown as they were after their last epoch."));
}
