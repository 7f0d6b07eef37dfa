// All runs, sorted and filtered here.
const STEP = 50;
// A column of an axis: its levels are numbers only where all of them are.
function axisColumn(title) {
  const text = (run) => data.cells[run.cell].labels[title] ?? null, own = data.cells.map((cell) => cell.labels[title]);
  const numeric = own.every((label) => label === undefined || (label.trim() !== "" && Number.isFinite(Number(label))));
  return numeric ? { title, text, value: (run) => (text(run) === null ? null : Number(text(run))) } : { title, text };
}

function showRuns() {
  const columns = [
    ...data.axes.map(axisColumn),
    { title: "seed", value: (run) => run.seed, text: (run) => String(run.seed) },
    { title: "status", text: (run) => run.status },
    ...data.scores.map((score) => ({ title: score.title, value: (run) => run.scores?.[score.i] ?? null, text: (run) => scoreText(run, score) })),
    { title: "id", text: (run) => run.id },
  ];
  const state = { column: null, down: false, words: [], shown: STEP };
  const count = el("span", { role: "status" });
  const order = (a, b) => {
    const { value, text } = columns[state.column], [x, y] = [a, b].map(value ?? text);
    if (x === null || y === null) return ((x === null) - (y === null)) * (state.down ? -1 : 1);
    return value ? x - y : x.localeCompare(y, "en", { numeric: true });
  };
  const searched = data.runs.map((run) => [...columns.map((column) => `${column.title}=${column.text(run) ?? "–"}`), data.cells[run.cell].only].join(" ").toLowerCase());
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
          column.title === "id" ? el("button", { type: "button", onclick: () => showRun(run) }, run.id) : column.text(run) ?? "–")))))));
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
