// A chart of lines over a numeric axis, with bands, as SVG: values at a place on hover or by arrow keys.
// `like` are the series of all panels that share its scale; `within` are ends that no scale goes beyond.
function chart({ series, like = series, label, log, within = null, xLabel = "epoch", xLog = false, height = 220 }) {
  const figure = el("div"), ends = endsOf(like, log, within);
  figure.mark = () => {};
  if (!ends) return fill(figure, {}, [note("No numbers yet.")]);
  const all = [...new Set(series.flatMap((one) => one.x))].filter((x) => !xLog || x > 0).sort((a, b) => a - b);
  const picture = svg("svg", { class: "chart", height, role: "img", tabindex: 0, "aria-label": label });
  const values = el("div", { class: "values" });
  figure.append(picture, values);
  new ResizeObserver(() => {
    const box = { left: 46, right: Math.max(picture.clientWidth || 300, 160) - 14, top: 8, bottom: height - 34 };
    const x = scaleOf(all[0], all.at(-1), box.left, box.right, xLog), y = scaleOf(...ends, box.bottom, box.top, log);
    const [cursor, marked] = ["cursor", "marked"].map((name) => upright(name, box, x));
    picture.replaceChildren(...yAxis(box, y), ...xAxis(box, x, xLabel), ...series.flatMap((one) => drawn(one, x, y)), cursor, marked);
    figure.mark = (at) => { figure.marked = at; marked.move(Math.max(all[0], Math.min(all.at(-1), at))); };
    if (figure.marked !== undefined) figure.mark(figure.marked);
    follow(picture, all, x, (at) => { cursor.move(at); values.textContent = `${xLabel} ${at}: ${valuesAt(series, at)}`; });
  }).observe(picture);
  return figure;
}

// A series as shapes: its band, its single lines, its mean, which is a dot where it has one number.
function drawn({ x: xs, mean, low, high, lines = [], color, dash }, x, y) {
  const band = low ? xs.map((_, i) => i).filter((i) => low[i] !== null && high[i] !== null && !(x.log && xs[i] <= 0)) : [];
  const edge = (ends, order) => order.map((i) => `${x(xs[i]).toFixed(1)} ${y(ends[i]).toFixed(1)}`).join("L");
  return [
    ...(band.length > 1 ? [svg("path", { class: "area", fill: color, d: `M${edge(low, band)}L${edge(high, [...band].reverse())}Z` })] : []),
    ...lines.map((line) => svg("path", { class: "thin", stroke: color, d: pathOf(xs, line, x, y) })),
    svg("path", { class: "mean", stroke: color, "stroke-dasharray": dash || "none", d: pathOf(xs, mean, x, y) }),
    ...(xs.length === 1 && mean[0] !== null ? [svg("circle", { cx: x(xs[0]), cy: y(mean[0]), r: 3.5, fill: color })] : [])];
}
// A line through points; where there is no number it breaks.
function pathOf(xs, ys, x, y) {
  let text = "", pen = "M";
  xs.forEach((at, i) => {
    const known = ys[i] !== null && !(x.log && at <= 0);
    if (known) text += `${pen}${x(at).toFixed(1)} ${y(ys[i]).toFixed(1)}`;
    pen = known ? "L" : "M";
  });
  return text;
}
// A line from top to bottom that shows when it is moved somewhere.
function upright(name, box, x) {
  const line = svg("line", { class: name, y1: box.top, y2: box.bottom, visibility: "hidden" });
  line.move = (at) => {
    for (const end of ["x1", "x2"]) line.setAttribute(end, x(at));
    line.setAttribute("visibility", "visible");
  };
  return line;
}
// Tell of the place under the pointer, or one further by the arrow keys.
function follow(picture, all, x, tell) {
  let at = -1;
  const show = (i) => { at = Math.max(0, Math.min(all.length - 1, i)); tell(all[at]); };
  picture.onpointermove = (event) => {
    const place = event.clientX - picture.getBoundingClientRect().left;
    show(all.reduce((best, value, i) => (Math.abs(x(value) - place) < Math.abs(x(all[best]) - place) ? i : best), 0));
  };
  picture.onkeydown = (event) => {
    const step = { ArrowLeft: -1, ArrowRight: 1 }[event.key];
    if (step) { show(at + step); event.preventDefault(); }
  };
}
const valuesAt = (series, x) => series.filter((one) => one.x.includes(x)).map((one) => {
  const i = one.x.indexOf(x), { name, mean, low, high } = one;
  const band = low && low[i] !== null ? ` (${tickText(low[i])} to ${tickText(high[i])})` : "";
  return `${name ? `${name} ` : ""}${mean[i] === null ? "–" : tickText(mean[i])}${band}`;
}).join("; ");
