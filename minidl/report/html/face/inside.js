// One network large, and inside it: what every hidden unit sees, layer by layer.
const UNITS = 128; // of one layer that are drawn

function networkOf(run, ...beside) {
  if (!isShown(run)) return el("div", {}, ...beside);
  const network = networkFor(run), points = pointsFor(run), side = 340;
  const canvas = el("canvas", { role: "img", "aria-label": `${runName(run)}: its answers` });
  canvas.style.setProperty("max-width", `${side}px`);
  const wrong = drawNetwork(canvas, run, { side, steps: 120, large: true });
  const shown = points.n > 1000 ? `1,000 of ${points.n} ${points.part} points` : `${points.n} ${points.part} points`;
  const told = wrong === null ? shown : `${shown}, ${wrong} of them wrong (edged)`;
  const left = el("figure", { class: "panel" }, canvas, el("figcaption", {}, told));
  return el("div", { class: "large" }, el("div", {}, left, ...beside), el("div", {}, ...insideOf(run, network, points)));
}

function insideOf(run, network, points) {
  if (!(run.id in data.networks.weights) || network.widths.length < 3)
    return [el("p", { class: "note" }, network.widths.length < 3 ? "It has no hidden layer." : "Its hidden units are not shown: a part of this network has no form in this page.")];
  const plane = network.kind === "plane", steps = plane ? 23 : 46;
  const at = plane ? square(points.low, points.high, steps) : line(points.low[0], points.high[0], steps);
  const layers = layersOf(weightsOf(run), network, at).slice(0, -1);
  return [el("h3", {}, "What every hidden unit sees"), ...layers.flatMap((values, i) => {
    const width = network.widths[i + 1], count = Math.min(width, UNITS);
    return [el("p", { class: "note" }, `Layer ${i + 1}: ${count < width ? `${count} of ${width}` : width} units`),
      el("div", { class: "units" }, Array.from({ length: count }, (_, j) => unit(values, width, j, steps, plane)))];
  }), el("p", { class: "note" }, "Blue: above zero, orange: below, white: zero; each unit on its own scale.")];
}

function unit(values, width, j, steps, plane) {
  const n = values.length / width, own = Float64Array.from({ length: n }, (_, i) => values[i * width + j]);
  const top = own.reduce((a, v) => Math.max(a, Math.abs(v)), 1e-9);
  const canvas = el("canvas", { width: steps, height: steps, "aria-hidden": "true" }), pen = canvas.getContext("2d");
  const image = pen.createImageData(steps, steps);
  for (let i = 0; i < steps; i++)
    for (let k = 0; k < steps; k++) {
      const v = own[plane ? i * steps + k : k] / top, tint = v > 0 ? [0, 114, 178] : [230, 159, 0];
      const place = 4 * ((steps - 1 - i) * steps + k);
      for (let c = 0; c < 3; c++) image.data[place + c] = 255 + Math.abs(v) * (tint[c] - 255);
      image.data[place + 3] = 255;
    }
  pen.putImageData(image, 0, 0);
  return canvas;
}
