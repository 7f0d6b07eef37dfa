// One run large: what came out, its settings and environment, its curve, and the command that makes it again.
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
  const figure = chart({ series, log: false, within: head.accuracy ? [0, 100] : null, label: "The run's learning curve", height: 190 });
  if (isShown(run) && epochsOf(run).length > 1) {
    const mark = () => figure.mark(epochsOf(run)[stateAt(run, shownAt.epoch)]);
    watch(mark, until);
    requestAnimationFrame(() => requestAnimationFrame(mark));
  }
  return [el("div", { class: "legend" }, series.map((one) => keyOf(one, one.name))), figure];
}
