// Learning curves: a panel for what the colour leaves open, mean and band over seeds, seeds as thin lines.
const PANELS = 12; // before the rest waits to be asked for
const hue = toldByColour(data.axes), levels = levelsOf(hue);
const asError = (score, values) => (score.accuracy ? values.map((v) => (v === null ? null : Number((100 - v).toPrecision(6)))) : values);

function curveSeries(number, name, score, error, seeds) {
  const cell = data.cells[number], own = data.curves.cells[number], level = hue ? levelText(cell, hue) : "";
  const bands = own.bands[score.name];
  if (!bands) return null;
  let [mean, low, high] = error ? bands.map((values) => asError(score, values)) : bands;
  if (error && score.accuracy) [low, high] = [high, low];
  if (score.accuracy) [low, high] = [low, high].map((ends) => ends.map((v) => (v === null ? null : Math.max(0, Math.min(100, v)))));
  const lines = !seeds ? [] : data.runs.filter((run) => run.cell === number && data.curves.lines[run.id])
    .map((run) => data.curves.lines[run.id][score.name])
    .map((line) => own.epochs.map((_, i) => line[i] ?? null)) // a run that stopped early ends before others
    .map((line) => (error ? asError(score, line) : line));
  return { name, x: own.epochs, mean, ...(few ? {} : { low, high }), lines, ...lookOf(level, levels) };
}

// Means by cell, at a dozen epochs.
function curveTable(score) {
  const every = [...new Set(data.curves.cells.flatMap((own) => own.epochs))].sort((a, b) => a - b);
  const epochs = every.filter((_, i) => every.length <= 12 || i === every.length - 1 || i % Math.ceil(every.length / 11) === 0);
  return el("table", { class: "runs" }, el("caption", {}, `${score.title}: mean over seeds after some of the epochs`),
    el("thead", {}, el("tr", {}, el("th", { scope: "col" }, "epoch"), epochs.map((epoch) => el("th", { scope: "col", class: "number" }, String(epoch))))),
    el("tbody", {}, data.cells.map((cell, i) => el("tr", {}, el("th", { scope: "row" }, cellName(cell)), epochs.map((epoch) => {
      const own = data.curves.cells[i], at = own.epochs.indexOf(epoch), band = own.bands[score.name];
      return el("td", { class: "number" }, number(band && at >= 0 ? band[0][at] : null, score.digits));
    })))));
}

function showCurves() {
  if (!data.scores.length) return;
  byId("curves").hidden = false;
  const state = { score: scoreOf.get(data.headline), log: true, seeds: few && data.seeds.length > 1, shown: PANELS };
  const others = data.axes.filter((axis) => axis !== hue);
  const panels = grouped(data.cells.keys(), (i) => others.map((axis) => levelText(data.cells[i], axis)).join(", "));
  const draw = () => {
    const error = state.log && state.score.accuracy;
    const what = error ? `${state.score.title.replace("accuracy", "error")} (%)` : titled(state.score);
    const drawn = [...panels].slice(0, state.shown).map(([name, cells]) => [name, cells.map((i) => curveSeries(i, hue ? levelText(data.cells[i], hue) : "", state.score, error, state.seeds)).filter(Boolean)]);
    const like = drawn.flatMap(([, series]) => series), values = like.flatMap((one) => one.mean).filter((v) => v !== null && v > 0);
    const log = state.log && like.every((one) => one.mean.every((v) => v === null || v >= 0)) && Math.max(...values) > 4 * Math.min(...values);
    const within = state.score.accuracy ? [0, 100] : null;
    byId("curve-panels").replaceChildren(...drawn.map(([name, series]) =>
      panel(name, what, chart({ series, like, log, within, label: `${what} by epoch: ${name}` }))));
    if (panels.size > state.shown)
      byId("curve-panels").append(el("button", { type: "button", onclick: () => { state.shown = Infinity; draw(); } }, `Show the other ${panels.size - state.shown} of ${panels.size} panels`));
    table.replaceChildren();
    if (table.parentElement.open) fillTable();
  };
  const fillTable = () => table.replaceChildren(curveTable(state.score));
  const table = scrolling("These curves as numbers");
  byId("curve-table").append(el("details", { ontoggle: (event) => { if (event.target.open) fillTable(); } }, el("summary", {}, "These curves as numbers"), table));
  byId("curve-controls").append(
    choice("Score", data.scores.map((score) => [score.name, score.title]), (name) => { state.score = scoreOf.get(name); draw(); }),
    tick("logarithmic, accuracy as error", true, (on) => { state.log = on; draw(); }),
    tick("single seeds", state.seeds, (on) => { state.seeds = on; draw(); }));
  byId("curve-controls").querySelector("select").value = data.headline;
  if (hue && levels.length > 1)
    byId("curve-legend").append(...levels.map((level) => keyOf(lookOf(level, levels), level)));
  const { lined, early } = data.curves;
  byId("curve-notes").append(el("p", { class: "note" },
    `${spreadText}${few ? "" : "Bands of an accuracy are cut at 0 and 100 %. "}Many epochs are thinned, later ones more.` +
    (early ? ` Where seeds have stopped early, ${few ? "the mean is" : "mean and band are"} over those that went on.` : "") +
    (lined.length < data.seeds.length ? ` Thin lines are those of the first ${lined.length} of ${data.seeds.length} seeds.` : "")));
  draw();
}
