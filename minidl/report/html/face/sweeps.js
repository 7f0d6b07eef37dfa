// The score along a numeric axis of the grid: lines on its scale, one for each level of what the colour tells.
function showSweep() {
  const { sweep } = data, score = scoreOf.get(data.headline);
  if (!sweep) return;
  byId("sweep").hidden = false;
  const others = data.axes.filter((axis) => axis !== sweep.axis), by = others.includes("optimizer") ? "optimizer" : others.at(-1);
  const names = by ? [...new Set(data.cells.map((cell) => levelText(cell, by)))] : [""];
  const look = (name) => ({ color: COLORS[names.indexOf(name) % COLORS.length], dash: DASHES[names.indexOf(name) % DASHES.length] });
  const panels = new Map();
  data.cells.forEach((cell, i) => {
    const panel = others.filter((axis) => axis !== by).map((axis) => levelText(cell, axis)).join(", ");
    panels.set(panel, [...(panels.get(panel) || []), i]);
  });
  const places = data.cells.map((_, i) => sweep.cells[i][0]);
  const xLog = Math.min(...places) > 0 && Math.max(...places) >= 10 * Math.min(...places);
  const what = score.title + (score.percent ? " (%)" : "");
  byId("sweep-title").textContent = `Along ${sweep.axis}`;
  if (names.length > 1) byId("sweep-legend").append(...names.map((name) => el("span", {}, sample(look(name)), name)));
  const seriesOf = (cells) => names.map((level) => {
    const own = cells.filter((i) => !by || levelText(data.cells[i], by) === level).map((i) => sweep.cells[i]).sort((a, b) => a[0] - b[0]);
    const column = (k) => own.map((row) => row[k]);
    return { name: level, x: column(0), mean: column(1), low: column(2), high: column(3), ...look(level) };
  }).filter((one) => one.x.length);
  const drawn = [...panels].map(([name, cells]) => [name, seriesOf(cells)]), like = drawn.flatMap(([, series]) => series);
  byId("sweep-panels").append(...drawn.map(([name, series]) => {
    return el("figure", { class: "panel" }, el("figcaption", {}, name || "all runs", el("small", {}, what)),
      chart({ series, like, log: false, xLog, xLabel: sweep.axis, height: 240, label: `${what} along ${sweep.axis}: ${name}` }));
  }));
  byId("sweep-notes").append(note(`${data.seeds.length > 1 ? "Mean over seeds with its 95 % band. " : ""}The tables have these numbers.`));
}
