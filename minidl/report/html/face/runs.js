// All runs: sorted and filtered here; one run's numbers, settings and environment; a cell's seeds as dots.
const STEP = 50;

function facts(rows, caption) {
  return scrolling(caption || "Facts", el("table", { class: "facts" }, caption ? el("caption", {}, caption) : null,
    rows.map(([key, value]) => el("tr", {}, el("th", { scope: "row" }, key), el("td", {}, String(value ?? "–"))))));
}

let shownRun = null;
byId("dialog").addEventListener("close", () => { shownRun = null; pause(); });
function showRun(run) {
  if (!run) return;
  const cell = data.cells[run.cell];
  const scores = data.scores.map((score) => [score.title, scoreText(run, score)]);
  const state = [["id", run.id], ["status", run.status]];
  if (run.diverged_at !== undefined) state.push(["diverged after epoch", run.diverged_at]);
  if (run.error) state.push(["error", run.error]);
  if (run.seconds !== undefined) state.push(["seconds", run.seconds], ["finished", run.finished]);
  const mine = {}, until = () => shownRun !== mine;
  shownRun = mine;
  const made = Object.entries(data.environments[run.made] || {})
    .map(([key, value]) => [key, value && typeof value === "object" ? JSON.stringify(value) : value]);
  const parts = [networkOf(run, until, ...curveOf(run, until)),
    el("p", {}, "This makes it again, with the grid file from the end of this page:"),
    el("pre", { tabindex: 0 }, [data.command, cell.only, `--only seed=${run.seed}`].filter(Boolean).join(" ")),
    el("div", { class: "told" }, facts([...state, ...scores], "What came out"),
      facts(Object.entries({ ...cell.settings, seed: run.seed }), "Settings"),
      made.length ? facts(made, "Environment") : null)];
  openDialog(runName(run), ...parts);
}

function curveOf(run, until) {
  const lines = data.curves.lines[run.id], head = scoreOf.get(data.headline);
  if (!run.scores) return [];
  if (!lines || !lines[head.name].length)
    return [note(`Curves of single runs are in this page for the first ${data.curves.lined.length} seeds; minidl show prints any.`)];
  const twin = scoreOf.get(head.name.replace("test_", "train_"));
  const all = data.curves.cells[run.cell].epochs;
  const series = [...new Set([head, twin])].filter(Boolean).map((score, i) => ({
    name: score.title, x: all.slice(0, lines[score.name].length), mean: lines[score.name], color: COLORS[i], dash: DASHES[i] }));
  const figure = chart({ series, log: false, within: head.percent ? [0, 100] : null, label: "The run's learning curve", height: 190 });
  if (isShown(run) && epochsOf(run).length > 1) {
    const mark = () => figure.mark(epochsOf(run)[stateAt(run, shownAt.epoch)]);
    watch(mark, until);
    requestAnimationFrame(() => requestAnimationFrame(mark));
  }
  return [el("div", { class: "legend" }, series.map((one) => el("span", {}, sample(one), one.name))), figure];
}

function seedDots(cell) {
  const score = scoreOf.get(data.headline);
  const runs = data.runs.filter((run) => run.cell === cell);
  const known = runs.filter((run) => run.scores && run.scores[score.i] !== null);
  const values = known.map((run) => run.scores[score.i]);
  const low = Math.min(...values), span = Math.max(...values) - low || 1;
  const picture = !known.length ? null : svg("svg", { class: "seed-dots", width: "100%", height: 44, role: "img", "aria-label": `${score.title} of every seed` },
    known.map((run) => svg("circle", { cx: `${(4 + (88 * (run.scores[score.i] - low)) / span).toFixed(2)}%`, cy: 14, r: 6, onclick: () => showRun(run) }, svg("title", {}, `seed ${run.seed}: ${scoreText(run, score)}`))),
    svg("text", { x: "4%", y: 40, "text-anchor": "middle" }, number(low, score.digits)),
    span === 1 && values.length === 1 ? null : svg("text", { x: "92%", y: 40, "text-anchor": "middle" }, number(low + span, score.digits)));
  return el("div", {}, note(`${score.title} of every seed; a seed opens its run.`), picture,
    el("div", { class: "dots" }, runs.map((run) => el("button", { type: "button", onclick: () => showRun(run) },
      `seed ${run.seed}: ${run.scores ? scoreText(run, score) : run.status}${run.status === "diverged" ? ", diverged" : ""}`))));
}

function openCells() {
  for (const button of document.querySelectorAll("button.cell")) {
    button.setAttribute("aria-expanded", "false");
    const row = button.closest("tr");
    row.addEventListener("click", (event) => { if (!event.target.closest("button")) button.click(); });
    button.addEventListener("click", () => {
      const open = button.getAttribute("aria-expanded") === "true";
      button.setAttribute("aria-expanded", String(!open));
      if (open) row.nextElementSibling.remove();
      else if (data.headline) row.after(el("tr", { class: "seed-row" }, el("td", { colspan: row.children.length }, seedDots(Number(button.dataset.cell)))));
    });
  }
}

function showRuns() {
  const axes = [...new Set(data.cells.flatMap((cell) => Object.keys(cell.labels)))];
  const columns = [
    ...axes.map((axis) => ({ title: axis, text: (run) => data.cells[run.cell].labels[axis] ?? "–" })),
    { title: "seed", value: (run) => run.seed, text: (run) => String(run.seed) },
    { title: "status", text: (run) => run.status },
    ...data.scores.map((score) => ({ title: score.title, value: (run) => run.scores?.[score.i] ?? null, text: (run) => scoreText(run, score) })),
    { title: "id", text: (run) => run.id },
  ];
  const state = { column: null, down: false, words: [], shown: STEP };
  const count = el("span", { role: "status" });
  const order = (a, b) => {
    const value = columns[state.column].value;
    if (!value) return columns[state.column].text(a).localeCompare(columns[state.column].text(b), "en", { numeric: true });
    const [x, y] = [value(a), value(b)];
    return x === null || y === null ? ((x === null) - (y === null)) * (state.down ? -1 : 1) : x - y;
  };
  const searched = data.runs.map((run) => [...columns.map((column) => `${column.title}=${column.text(run)}`), data.cells[run.cell].only].join(" ").toLowerCase());
  const draw = () => {
    let found = data.runs.filter((_, i) => state.words.every((word) => searched[i].includes(word)));
    if (state.column !== null) found = [...found].sort((a, b) => (state.down ? -1 : 1) * order(a, b));
    const shown = found.slice(0, state.shown);
    count.textContent = `${shown.length} of ${found.length} runs shown${found.length < data.runs.length ? `, of ${data.runs.length}` : ""}`;
    const head = columns.map((column, i) => el("th", { scope: "col", "aria-sort": state.column === i ? (state.down ? "descending" : "ascending") : "none" },
      el("button", { type: "button", "data-column": column.title, onclick: () => {
        state.down = state.column === i && !state.down; state.column = i; draw();
        byId("run-table").querySelectorAll("thead button")[i].focus();
      } }, column.title + (state.column === i ? (state.down ? " ▼" : " ▲") : ""))));
    byId("run-table").replaceChildren(
      el("table", { class: "runs" }, el("thead", {}, el("tr", {}, head)), el("tbody", {}, shown.map((run) => el("tr", {},
        columns.map((column) => el("td", { class: column.value ? "number" : null },
          column.title === "id" ? el("button", { type: "button", onclick: () => showRun(run) }, run.id) : column.text(run))))))));
    more.hidden = shown.length === found.length;
  };
  const more = el("button", { type: "button", onclick: () => { state.shown = Infinity; draw(); } }, "Show all");
  const search = el("input", { type: "search", placeholder: "adam seed=3", oninput: () => {
    state.words = search.value.toLowerCase().split(/\s+/).filter(Boolean); draw();
  } });
  byId("run-controls").append(el("label", {}, "Filter", search), more);
  byId("run-table").before(el("p", { class: "note" }, count));
  draw();
}
