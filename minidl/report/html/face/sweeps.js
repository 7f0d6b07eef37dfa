// The score along a numeric axis of the grid: lines on its scale, one for each level of what the colour tells.
function showSweep() {
  const { sweep } = data, score = scoreOf.get(data.headline);
  if (!sweep) return;
  const values = valuesOf(score);
  byId("sweep").hidden = false;
  const others = data.axes.filter((axis) => axis !== sweep.axis), by = toldByColour(others), names = levelsOf(by);
  const heads = others.filter((axis) => axis !== by);
  const panels = grouped(data.cells.keys(), (i) => heads.map((axis) => levelText(data.cells[i], axis)).join(", "));
  const places = data.cells.map((_, i) => sweep.cells[i][0]);
  const xLog = Math.min(...places) > 0 && Math.max(...places) >= 10 * Math.min(...places);
  const what = titled(score);
  byId("sweep-title").textContent = `Along ${sweep.axis}`;
  if (names.length > 1) byId("sweep-legend").append(...names.map((name) => keyOf(lookOf(name, names), name)));
  const seriesOf = (cells) => names.map((level) => {
    const own = cells.filter((i) => !by || levelText(data.cells[i], by) === level).sort((a, b) => sweep.cells[a][0] - sweep.cells[b][0]);
    const column = (k) => own.map((i) => sweep.cells[i][k]);
    const lines = few ? data.seeds.map((seed) => own.map((i) => values.get(`${i} ${seed}`) ?? null)) : [];
    return { name: level, x: column(0), mean: column(1), ...(few ? {} : { low: column(2), high: column(3) }), lines, ...lookOf(level, names) };
  }).filter((one) => one.x.length);
  const drawn = [...panels].map(([name, cells]) => [name, seriesOf(cells)]), like = drawn.flatMap(([, series]) => series);
  const told = { like, log: false, within: score.accuracy ? [0, 100] : null, xLog, xLabel: sweep.axis, height: 240 };
  byId("sweep-panels").append(...drawn.map(([name, series]) =>
    panel(name, what, chart({ ...told, series, label: `${what} along ${sweep.axis}: ${name}` }))));
  byId("sweep-notes").append(note(`${spreadText}The tables have these numbers.`));
}
