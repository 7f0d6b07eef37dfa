// Any two levels, seed by seed: a line from zero to each seed's difference, sorted, and their mean.
function differencesOf(axis, first, second) {
  const known = data.pairs.find((pair) => pair.factor === axis && pair.levels.includes(first) && pair.levels.includes(second));
  if (known) return known.levels[0] === first ? known : turned(known);
  const score = scoreOf.get(data.headline), values = valuesOf(score), rest = data.axes.filter((own) => own !== axis);
  const cellsAt = (level) => { // by their place on the other axes
    const place = data.cells.find((cell) => cell.labels[axis] === level).place[axis];
    return new Map(data.cells.flatMap((cell, i) => (cell.place[axis] === place ? [[rest.map((own) => cell.place[own]).join(), i]] : [])));
  };
  const others = cellsAt(second), partners = [...cellsAt(first)].filter(([where]) => others.has(where)).map(([where, a]) => [a, others.get(where)]);
  const complete = data.seeds.filter((seed) => partners.length && partners.every((pair) => pair.every((i) => values.has(`${i} ${seed}`))));
  const difference = (seed) => partners.reduce((sum, [a, b]) => sum + values.get(`${a} ${seed}`) - values.get(`${b} ${seed}`), 0) / partners.length;
  const pairs = complete.map((seed) => [seed, settled(difference(seed))]);
  const mean = pairs.reduce((sum, [, value]) => sum + value, 0) / pairs.length;
  return told({ levels: [first, second], ...score.difference, margin: null, pairs, mean, interval: [null, null] });
}
// To ten decimals, as in minidl/report/statistics/paired.py: 97.3 − 96.8 is 96.6 − 96.1.
const settled = (value) => Number(value.toFixed(10));
const signed = (value, digits) => (value > 0 && /[1-9]/.test(number(value, digits)) ? "+" : "") + number(value, digits);
const told = (pair) => ({ ...pair, texts: [signed(pair.mean, pair.digits) + (pair.unit && ` ${pair.unit}`),
  pair.interval[0] === null ? "–" : pair.interval.map((end) => signed(end, pair.digits)).join(" to ")] });
// The same difference with its levels the other way round.
const turned = ({ levels: [first, second], interval: [low, high], pairs, mean, ...rest }) => told({ ...rest, levels: [second, first], mean: -mean,
  pairs: pairs.map(([seed, value]) => [seed, -value]), interval: low === null ? [low, high] : [-high, -low] });

function pairPicture(pair) {
  const height = 220, picture = svg("svg", { class: "chart", height, role: "img", "aria-label": `${pair.levels.join(" − ")} seed by seed: mean ${pair.texts[0]}` });
  const own = [...pair.pairs].sort((a, b) => a[1] - b[1]), values = own.map((p) => p[1]);
  const ends = [0, ...values, ...pair.interval.filter((v) => v !== null), ...(pair.margin ? [-pair.margin, pair.margin] : [])];
  const [low, high] = [Math.min(...ends), Math.max(...ends)], room = 0.06 * (high - low) || 1;
  const draw = () => {
    const width = Math.max(picture.clientWidth || 300, 200), box = { left: 52, right: width - 16, top: 10, bottom: height - 34 };
    const py = scaleOf(low - room, high + room, box.bottom, box.top, false);
    const step = (box.right - box.left - 60) / Math.max(own.length, 1), px = (i) => box.left + step * (i + 0.5), end = box.right - 24;
    const parts = [];
    if (pair.margin) parts.push(svg("rect", { class: "band", x: box.left, width: box.right - box.left, y: py(pair.margin), height: py(-pair.margin) - py(pair.margin) }));
    parts.push(...yAxis(box, py, (value) => (value > 0 ? "+" : "") + tickText(value)),
      svg("line", { class: "axis", x1: box.left, x2: box.right, y1: py(0), y2: py(0) }));
    own.forEach(([seed, value], i) => {
      const tint = value >= 0 ? COLORS[0] : COLORS[1];
      parts.push(svg("line", { x1: px(i), x2: px(i), y1: py(0), y2: py(value), stroke: tint, "stroke-width": Math.min(2, step / 2) }),
        svg("circle", { cx: px(i), cy: py(value), r: Math.min(4.5, Math.max(1.2, step / 2.5)), fill: tint }, svg("title", {}, `seed ${seed}: ${signed(value, pair.digits)}`)));
      if (step > 16) parts.push(svg("text", { x: px(i), y: box.bottom + 15, "text-anchor": "middle" }, String(seed)));
    });
    if (pair.interval[0] !== null) parts.push(svg("line", { class: "interval", x1: end, x2: end, y1: py(pair.interval[0]), y2: py(pair.interval[1]) }));
    parts.push(svg("rect", { class: "mean-mark", x: end - 4.5, y: py(pair.mean) - 4.5, width: 9, height: 9 }),
      svg("text", { x: end, y: box.bottom + 15, "text-anchor": "middle" }, "mean"),
      svg("text", { x: (box.left + end) / 2, y: height - 3, "text-anchor": "middle" }, "seeds, by their difference"));
    picture.replaceChildren(...parts);
  };
  new ResizeObserver(draw).observe(picture);
  return picture;
}

function showPairs() {
  const labelsOf = (axis) => [...new Set(data.cells.filter((cell) => axis in cell.labels).map((cell) => cell.labels[axis]))];
  const axes = data.axes.filter((axis) => labelsOf(axis).length > 1);
  if (!axes.length || !data.scores.length) return;
  byId("pair-chooser").hidden = false;
  const state = { axis: axes[0], first: null, second: null }, selects = el("div", { class: "controls" });
  const draw = () => {
    if (state.first === state.second) return byId("pair-picture").replaceChildren(note("This is one level; choose two."));
    const pair = differencesOf(state.axis, state.first, state.second), unit = pair.unit ? ` ${pair.unit}` : "";
    const over = `over ${pair.pairs.length} seed${pair.pairs.length === 1 ? "" : "s"}.`;
    const score = scoreOf.get(data.headline);
    byId("pair-picture").replaceChildren(...(!pair.pairs.length ? [note("No seed is complete at both levels.")] : [
      el("p", {}, `${score.title}, ${state.first} − ${state.second}: ${pair.texts[0]} on average` +
        (pair.interval[0] === null ? `, ${over}` : `, 95 % interval ${pair.texts[1]}, ${over}`) + (pair.margin ? " The grey band is what does not matter." : "")),
      pairPicture(pair),
      el("details", {}, el("summary", {}, "Seed by seed as numbers"), scrolling("Seed by seed as numbers", el("table", { class: "seeds" },
        el("tr", {}, el("th", { scope: "row" }, "seed"), pair.pairs.map(([seed]) => el("td", {}, String(seed)))),
        el("tr", {}, el("th", { scope: "row" }, `difference${unit && `, in${unit}`}`), pair.pairs.map(([, value]) => el("td", {}, signed(value, pair.digits)))))))]));
  };
  const lay = () => {
    const levels = labelsOf(state.axis);
    [state.first, state.second] = levels;
    const options = levels.map((level) => [level, level]);
    const [a, b] = ["first", "second"].map((side, i) => choice(i ? "minus" : "", options, (level) => { state[side] = level; draw(); }));
    b.querySelector("select").value = state.second;
    a.querySelector("select").setAttribute("aria-label", "first level");
    b.querySelector("select").setAttribute("aria-label", "second level");
    selects.replaceChildren(...(axes.length > 1 ? [axisChoice] : []), a, b);
    draw();
  };
  const axisChoice = choice("Setting", axes.map((axis) => [axis, axis]), (axis) => { state.axis = axis; lay(); });
  byId("pair-controls").append(selects);
  lay();
}
