// A row of a table opens the seeds of its cell, as dots; a dot opens a run.
function seedDots(cell) {
  const score = scoreOf.get(data.headline);
  const runs = data.runs.filter((run) => run.cell === cell);
  const known = runs.filter((run) => run.scores && run.scores[score.i] !== null);
  const values = known.map((run) => run.scores[score.i]);
  const [low, high] = [Math.min(...values), Math.max(...values)], span = high - low || 1;
  const picture = !known.length ? null : svg("svg", { class: "seed-dots", width: "100%", height: 44, role: "img", "aria-label": `${score.title} of every seed` },
    known.map((run) => svg("circle", { cx: `${(4 + (88 * (run.scores[score.i] - low)) / span).toFixed(2)}%`, cy: 14, r: 6, onclick: () => showRun(run) }, svg("title", {}, `seed ${run.seed}: ${scoreText(run, score)}`))),
    svg("text", { x: "4%", y: 40, "text-anchor": "middle" }, number(low, score.digits)),
    high > low ? svg("text", { x: "92%", y: 40, "text-anchor": "middle" }, number(high, score.digits)) : null);
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
