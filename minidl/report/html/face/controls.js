// What stands above the pictures of networks: the slider, the choice of a seed, and what the colours mean.
// What the pictures show: the plane, coloured, or a curve over a line.
const hasPlanes = (cells) => cells.some((i) => data.networks.cells[i].kind === "plane");
const introOf = (cells) => `Each picture is one network${hasPlanes(cells)
  ? ": the colour is its answer at every place of the plane, paler where it is less sure."
  : "'s answer to every input, and the points that it is asked about."} A click opens one.`;

function addControls(seeds, redraw) {
  const still = note(), planes = hasPlanes(Object.keys(data.networks.cells));
  byId("network-controls").append(epochSlider());
  if (seeds.length > 1) {
    const chosen = choice("Seed", seeds.map((seed) => [seed, String(seed)]), (seed) => { pause(); chooseSeed(seeds.find((own) => String(own) === seed)); });
    watch(() => { chosen.querySelector("select").value = shownAt.seed; });
    byId("network-controls").append(chosen,
      tick(`${planes ? "boundaries" : "curves"} of all seeds`, false, (on) => { shownAt.all = on; redraw(); }));
  }
  byId("network-controls").after(still);
  watch(() => {
    const moving = seeds.filter((seed) => runsOf(seed).some((run) => epochsOf(run).length > 1));
    const listed = moving.length > 3 ? `${moving.length} seeds` : `seed ${moving.join(", ")}`;
    still.textContent = !moving.length
      ? data.networks.cut ? "" : "This store holds no weights from while its networks were trained, so they are shown as they were in the end. Stores of today hold some for their first seed (snapshots in the grid file)."
      : !shownAt.epochs.length ? `Seed ${shownAt.seed} is shown as it was in the end: weights from while they were trained were kept for ${listed}.`
      : shownAt.all && shownAt.epoch < shownAt.epochs.at(-1) ? `Those of the other seeds are known in the end; before it, those of ${listed}.` : "";
    still.hidden = !still.textContent;
  });
}

function addLegend(cells) {
  const networks = cells.map((i) => data.networks.cells[i]), planes = networks.filter((network) => network.kind === "plane");
  const names = planes.length ? planes.reduce((a, b) => (b.classes.length > a.classes.length ? b : a)).classes : [];
  const key = (mark, text) => el("span", {}, mark, text);
  const stroke = color("--ink");
  const truths = Object.values(data.networks.points).some((points) => points.truth);
  byId("network-legend").append(
    ...names.map((name, k) => key(svg("svg", { width: 12, height: 12, "aria-hidden": true }, svg("rect", { width: 12, height: 12, rx: 2, fill: CLASSES[k % CLASSES.length] })), /^\d+$/.test(name) ? `class ${name}` : name)),
    key(sampleOf(planes.length ? "ink" : "focus", ""), planes.length ? "its boundary" : "what it says"),
    ...(truths ? [key(sampleOf("ink", "5 4"), "the truth")] : []),
    ...(planes.length ? [key(svg("svg", { width: 12, height: 12, "aria-hidden": true }, svg("circle", { class: "miss", cx: 6, cy: 6, r: 4 })), "a point that it gets wrong")]
      : [key(svg("svg", { width: 12, height: 12, "aria-hidden": true }, svg("circle", { class: "point", cx: 6, cy: 6, r: 2.5 })), "a point")]));
}
const sampleOf = (name, dash) => svg("svg", { width: 28, height: 8, "aria-hidden": true }, svg("line", { class: `stroke-${name}`, x1: 0, x2: 28, y1: 4, y2: 4, "stroke-width": 2, "stroke-dasharray": dash || "none" }));
