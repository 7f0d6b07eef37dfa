// Watch them learn: every configuration's network as a small picture, at the chosen epoch and seed.
const MANY = 48; // pictures before the rest waits to be asked for
const ROW = 6; // pictures in a row, at most, that share its heading

// A score as it was after an epoch, as far as the page knows it: recorded, or counted from the points.
function scoreAt(run, state, wrong) {
  const epoch = epochsOf(run)[state], head = scoreOf.get(data.headline);
  if (epoch === epochsOf(run).at(-1) && run.scores) return run.scores[head.i];
  const line = data.curves.lines[run.id];
  const i = line ? data.curves.cells[run.cell].epochs.indexOf(epoch) : -1;
  if (i >= 0 && line[head.name][i] !== undefined) return line[head.name][i];
  return head.name === "test_accuracy" && pointsFor(run).part === "test" ? share(run, wrong) : null;
}

// Axes whose levels fill a row, a numeric one or the last ones, and the others, which head it.
function rowAxes() {
  const axes = data.axes.filter((axis) => new Set(data.cells.map((cell) => cell.labels[axis])).size > 1);
  if (data.sweep) axes.push(...axes.splice(axes.indexOf(data.sweep.axis), 1));
  let width = 1, at = axes.length;
  while (at > 0) {
    const count = new Set(data.cells.map((cell) => cell.labels[axes[at - 1]])).size;
    if (at < axes.length && width * count > ROW) break;
    width *= count;
    at--;
  }
  return [axes.slice(0, at), axes.slice(at), width];
}
const nameOf = (cell, axes) => axes.filter((axis) => axis in cell.labels).map((axis) => levelText(cell, axis)).join(" · ");

function panelOf(cell, axes) {
  const canvas = el("canvas", { role: "img" }), name = el("span"), told = el("small");
  const run = () => data.runs.find((own) => own.cell === cell && own.seed === shownAt.seed);
  const button = el("button", { type: "button", class: "picture", onclick: () => showRun(run()) }, canvas);
  name.textContent = nameOf(data.cells[cell], axes) || "all runs";
  canvas.setAttribute("aria-label", cellName(data.cells[cell])); // until it is drawn
  const panel = { due: true, cell, button, figure: el("figure", { class: "panel" }, button, el("figcaption", {}, name, told)) };
  panel.draw = () => {
    const own = run(), side = Math.max(button.clientWidth, 60), head = scoreOf.get(data.headline);
    let text = !own ? "no such run" : own.status;
    if (isShown(own)) {
      const state = stateAt(own, shownAt.epoch), ends = shownAt.epoch >= epochsOf(own).at(-1);
      const also = !shownAt.all ? [] : data.runs.filter((other) => other.cell === cell && other !== own && isShown(other))
        .filter((other) => ends || epochsOf(other).length > 1).map((other) => [other, stateAt(other, shownAt.epoch)]);
      const value = scoreAt(own, state, drawNetwork(canvas, own, state, { side, steps: 40, also }));
      const epoch = epochsOf(own)[state], later = shownAt.epochs.length && epoch > shownAt.epoch; // nothing earlier was kept
      text = [value === null ? null : `${number(value, head.digits)}${unitText(head)}`, later ? `after epoch ${epoch}` : null].filter(Boolean).join(", ");
    } else {
      sized(canvas, side);
      if (own && own.scores && own.scores[head.i] !== null) text = `${scoreText(own, head)}${unitText(head)}, ${own.status}`;
    }
    told.textContent = text;
    canvas.setAttribute("aria-label", `${cellName(data.cells[cell])}, seed ${shownAt.seed}${shownAt.epochs.length ? `, epoch ${shownAt.epoch}` : ""}: ${text || "its answers"}`);
  };
  return panel;
}

function showNetworks() {
  const { seeds, notes } = data.networks, cells = Object.keys(data.networks.cells).map(Number);
  byId("network-notes").append(...notes.map((text) => note(text)));
  byId("networks").hidden = !cells.length && !notes.length;
  if (!cells.length) return;
  byId("network-intro").textContent = introOf(cells);
  const [heads, axes] = rowAxes(), panels = cells.map((cell) => panelOf(cell, axes));
  const byButton = new Map(panels.map((panel) => [panel.button, panel]));
  const seen = new IntersectionObserver((entries) => {
    for (const entry of entries)
      if (entry.isIntersecting && byButton.get(entry.target).due) { byButton.get(entry.target).due = false; byButton.get(entry.target).draw(); }
  }, { rootMargin: "300px" });
  const rows = grouped(panels, (panel) => nameOf(data.cells[panel.cell], heads));
  const add = (from, to) => {
    let at = 0;
    for (const [name, own] of rows) {
      const some = own.filter((_, i) => at + i >= from && at + i < to);
      at += own.length;
      if (!some.length) continue;
      byId("network-grid").append(el("div", { class: "group" }, name ? el("h3", {}, name) : null, el("div", { class: "panels" }, some.map((panel) => panel.figure))));
      some.forEach((panel) => seen.observe(panel.button));
    }
  };
  add(0, MANY);
  if (panels.length > MANY) {
    const more = el("button", { type: "button", onclick: () => { more.remove(); add(MANY, Infinity); } }, `Show the other ${panels.length - MANY} of ${panels.length} networks`);
    byId("network-grid").after(more);
  }
  const redraw = () => panels.filter((panel) => !panel.due).forEach((panel) => panel.draw());
  const anew = () => { planes.clear(); redraw(); };
  window.addEventListener("beforeprint", () => panels.filter((panel) => panel.figure.isConnected).forEach((panel) => { panel.due = false; panel.draw(); }));
  for (const media of ["print", "(prefers-color-scheme: dark)"]) matchMedia(media).addEventListener("change", anew);
  let width = innerWidth;
  window.addEventListener("resize", () => { if (innerWidth !== width) { width = innerWidth; redraw(); } });
  addControls(seeds, redraw);
  addLegend(cells);
  watch(redraw);
  watch(() => { if (shownAt.epochs.length) prepare(panels); });
  chooseSeed(seeds[0]);
}

// While nobody asks for anything, draw the epochs that the slider may come to, so that it moves at once.
const whenIdle = (work) => (window.requestIdleCallback ? requestIdleCallback(work) : setTimeout(() => work({ timeRemaining: () => 10 }), 50));
let preparing = null;
function prepare(panels) {
  if (preparing === shownAt.seed) return;
  const seed = preparing = shownAt.seed;
  const left = runsOf(seed).filter((run) => networkFor(run).kind === "plane").slice(0, MANY)
    .flatMap((run) => epochsOf(run).map((_, state) => [run, state]));
  const work = (idle) => {
    if (preparing !== seed) return;
    if (!panels.every((panel) => panel.due)) // once the pictures have been looked at
      while (left.length && idle.timeRemaining() > 8) planeOf(...left.pop(), 40);
    if (left.length) whenIdle(work);
  };
  whenIdle(work);
}
