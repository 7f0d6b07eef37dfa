// One network large, at the chosen epoch, and inside it: what every hidden unit sees, layer by layer.
const UNITS = 128; // of one layer that are drawn

// Return the picture, its slider and its units, and what redraws them; `beside` stands below the picture.
function networkOf(run, until, ...beside) {
  if (!isShown(run)) return el("div", {}, ...beside);
  if (epochsOf(run).length > 1 && run.seed !== shownAt.seed) chooseSeed(run.seed);
  const canvas = el("canvas", { role: "img" }), told = el("figcaption"), inside = insideOf(run, (unit, name) => (unit ? enlarge(unit, name) : draw()));
  const side = Math.min(400, innerWidth - 60);
  canvas.style.setProperty("width", `${side}px`);
  const draw = () => {
    const state = stateAt(run, shownAt.epoch), points = pointsFor(run);
    const wrong = drawNetwork(canvas, run, state, { side, steps: 96, large: true });
    const count = points.n > 1000 ? `1,000 of ${points.n} ${points.part} points` : `${points.n} ${points.part} points`;
    told.textContent = `${epochsOf(run).length > 1 ? `After epoch ${epochsOf(run)[state]}: ` : ""}${count}` +
      (wrong === null ? "" : `, ${wrong.filter(Boolean).length} of them wrong (edged)`);
    canvas.setAttribute("aria-label", `${runName(run)}: its answers. ${told.textContent}`);
    inside.draw(state);
  };
  const enlarge = (unit, name) => {
    const pen = sized(canvas, side);
    pen.imageSmoothingQuality = "high";
    pen.drawImage(unit, 0, 0, side, side);
    told.textContent = `What ${name} sees`;
  };
  watch(draw, until);
  draw();
  const picture = el("figure", { class: "panel" }, canvas, told);
  const slider = epochsOf(run).length > 1 ? [epochSlider(until)] : [];
  chooseEpoch(shownAt.epoch);
  return el("div", { class: "large" }, el("div", {}, ...slider, picture, ...beside), inside.element);
}

// `look` is told when the pointer is on a unit, and when it has left it.
function insideOf(run, look) {
  const network = networkFor(run), points = pointsFor(run), plane = network.kind === "plane";
  if (!network.scripted) return { element: note("Its hidden units are not shown: a part of this network has no form in this page."), draw: () => {} };
  const steps = plane ? 25 : 46, at = plane ? square(points.low, points.high, steps) : line(points.low[0], points.high[0], steps);
  const layers = layersOf(courseOf(run).at(-1), network, at).slice(0, -1);
  if (!layers.length) return { element: note("It has no hidden layer."), draw: () => {} };
  const rows = layers.map(({ width }, i) => Array.from({ length: Math.min(width, UNITS) }, (_, j) => el("canvas", { width: steps, height: steps, "aria-hidden": true,
    onpointerenter: (event) => look(event.target, `unit ${j + 1} of layer ${i + 1}`), onpointerleave: () => look(null) })));
  const element = el("div", { class: "inside" }, el("h3", {}, "What every hidden unit sees"),
    rows.map((row, i) => [note(`Layer ${i + 1}: ${row.length < layers[i].width ? `${row.length} of ${layers[i].width}` : row.length} units`), el("div", { class: "units" }, row)]).flat(),
    note(`${plane ? "Blue: above zero; orange: below; pale: near zero." : "Its output for every input; the grey line is zero."} Each unit is on its own scale; one under the pointer shows large.`));
  const draw = (state) => layersOf(courseOf(run)[state], network, at).slice(0, -1).forEach((layer, i) =>
    rows[i].forEach((canvas, j) => drawUnit(canvas, layer, j, steps, plane)));
  return { element, draw };
}

// A unit's values over a line, above and below its zero.
function drawTrace(canvas, values, top) {
  const pen = sized(canvas, 92), at = (v) => 46 - 40 * (v / top);
  pen.fillStyle = color("--paper");
  pen.fillRect(0, 0, 92, 92);
  for (const [stroke, width, points] of [[color("--line"), 1.5, values.map(() => 0)], [color("--focus"), 3, values]]) {
    pen.strokeStyle = stroke;
    pen.lineWidth = width;
    pen.beginPath();
    points.forEach((v, i) => pen.lineTo((92 * i) / (points.length - 1), at(v)));
    pen.stroke();
  }
}

function drawUnit(canvas, { width, values }, j, steps, plane) {
  const n = values.length / width, own = Float64Array.from({ length: n }, (_, i) => values[i * width + j]);
  const top = own.reduce((a, v) => Math.max(a, Math.abs(v)), 1e-9);
  if (!plane) return drawTrace(canvas, own, top);
  const pen = canvas.getContext("2d"), image = pen.createImageData(steps, steps), paper = rgb(color("--paper"));
  const [above, below] = [[0, 114, 178], [230, 159, 0]];
  for (let i = 0; i < steps; i++)
    for (let k = 0; k < steps; k++) {
      const v = own[i * steps + k] / top, tint = v > 0 ? above : below;
      const place = 4 * ((steps - 1 - i) * steps + k);
      for (let c = 0; c < 3; c++) image.data[place + c] = paper[c] + Math.abs(v) * (tint[c] - paper[c]);
      image.data[place + 3] = 255;
    }
  pen.putImageData(image, 0, 0);
}
