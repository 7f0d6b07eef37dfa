// A chart of lines over a numeric axis, with bands, as SVG: values at a place on hover or by arrow keys.
function ticksOf(low, high, log) {
  if (log) {
    const found = [];
    for (let power = Math.floor(Math.log10(low)); power <= Math.ceil(Math.log10(high)); power++)
      for (const factor of high / low < 100 ? [1, 2, 5] : [1])
        found.push(factor * 10 ** power);
    return found.filter((value) => value >= low && value <= high);
  }
  const rough = (high - low) / 4 || 1;
  const power = 10 ** Math.floor(Math.log10(rough));
  const step = [1, 2, 5, 10].map((factor) => factor * power).find((value) => value >= rough);
  const found = [];
  for (let i = Math.ceil(low / step); i * step <= high; i++) found.push(i * step);
  return found;
}
const tickText = (value) => String(Number(value.toPrecision(4))).replace("-", "−");

function chart({ series, like = series, label, log, within = null, xLabel = "epoch", xLog = false, height = 220 }) {
  const positive = (value) => value !== null && (!log || value > 0);
  const means = like.flatMap((one) => [...one.mean, ...(one.low ? [] : (one.lines || []).flat())].filter(positive)); // panels that are alike have one scale
  const xs = series.flatMap((one) => one.x).filter((value) => !xLog || value > 0);
  const figure = el("div");
  figure.mark = () => {};
  if (!means.length) return fill(figure, {}, [note("No numbers yet.")]);
  const values = el("div", { class: "values" });
  const picture = svg("svg", { class: "chart", height, role: "img", tabindex: 0, "aria-label": label });
  figure.append(picture, values);
  let [low, high] = [Math.min(...means), Math.max(...means)];
  if (log) [low, high] = [low / 1.3, high * 1.3];
  else {
    for (const one of like)
      for (const end of [...(one.low || []), ...(one.high || [])])
        if (end !== null && Math.abs(end - (low + high) / 2) < 2 * (high - low)) [low, high] = [Math.min(low, end), Math.max(high, end)];
    const room = 0.05 * (high - low) || Math.abs(high) * 0.05 || 1;
    [low, high] = [low - room, high + room];
    if (within) [low, high] = [Math.max(low, within[0]), Math.min(high, within[1])];
  }
  const [left, right] = [Math.min(...xs), Math.max(...xs)];
  const bend = (value, on) => (on ? Math.log10(value) : value);

  function draw() {
    const width = Math.max(picture.clientWidth || 300, 160);
    const box = { left: 46, right: width - 14, top: 8, bottom: height - 34 };
    const px = (x) => box.left + (box.right - box.left) * (left === right ? 0.5 : (bend(x, xLog) - bend(left, xLog)) / (bend(right, xLog) - bend(left, xLog)));
    const py = (y) => box.bottom - (box.bottom - box.top) * Math.max(-0.02, Math.min(1.02, (bend(Math.max(y, log ? low / 2 : -Infinity), log) - bend(low, log)) / (bend(high, log) - bend(low, log))));
    const path = (x, y) => {
      let text = "", pen = "M";
      x.forEach((at, i) => {
        if (y[i] === null || (xLog && at <= 0)) pen = "M";
        else { text += `${pen}${px(at).toFixed(1)} ${py(y[i]).toFixed(1)}`; pen = "L"; }
      });
      return text;
    };
    const parts = [];
    for (const value of ticksOf(low, high, log))
      parts.push(svg("line", { class: "grid", x1: box.left, x2: box.right, y1: py(value), y2: py(value) }),
        svg("text", { x: box.left - 6, y: py(value) + 4, "text-anchor": "end" }, tickText(value)));
    for (const value of ticksOf(left, right, xLog))
      parts.push(svg("line", { class: "axis", x1: px(value), x2: px(value), y1: box.bottom, y2: box.bottom + 4 }),
        svg("text", { x: px(value), y: box.bottom + 17, "text-anchor": "middle" }, tickText(value)));
    parts.push(svg("line", { class: "axis", x1: box.left, x2: box.right, y1: box.bottom, y2: box.bottom }),
      svg("text", { x: (box.left + box.right) / 2, y: height - 3, "text-anchor": "middle" }, xLabel));
    for (const one of series) {
      if (one.low) {
        const known = one.x.map((x, i) => [x, one.low[i], one.high[i]]).filter((p) => p[1] !== null && p[2] !== null && !(xLog && p[0] <= 0));
        if (known.length > 1)
          parts.push(svg("path", { class: "area", fill: one.color,
            d: `${path(known.map((p) => p[0]), known.map((p) => p[1]))}${path(known.map((p) => p[0]).reverse(), known.map((p) => p[2]).reverse()).replace("M", "L")}Z` }));
      }
      for (const line of one.lines || []) parts.push(svg("path", { class: "thin", stroke: one.color, d: path(one.x, line) }));
      parts.push(svg("path", { class: "mean", stroke: one.color, "stroke-dasharray": one.dash || "none", d: path(one.x, one.mean) }));
      if (one.x.length === 1 && one.mean[0] !== null)
        parts.push(svg("circle", { cx: px(one.x[0]), cy: py(one.mean[0]), r: 3.5, fill: one.color }));
    }
    const cursor = svg("line", { class: "cursor", y1: box.top, y2: box.bottom, visibility: "hidden" });
    const marked = svg("line", { class: "marked", y1: box.top, y2: box.bottom, visibility: "hidden" });
    parts.push(cursor, marked);
    figure.mark = (x) => {
      figure.marked = x;
      const at = Math.max(left, Math.min(right, x));
      for (const end of ["x1", "x2"]) marked.setAttribute(end, px(at));
      marked.setAttribute("visibility", "visible");
    };
    if (figure.marked !== undefined) figure.mark(figure.marked);
    picture.replaceChildren(...parts);
    const all = [...new Set(xs)].sort((a, b) => a - b);
    let at = -1;
    const show = (i) => {
      at = Math.max(0, Math.min(all.length - 1, i));
      const x = all[at];
      for (const end of ["x1", "x2"]) cursor.setAttribute(end, px(x));
      cursor.setAttribute("visibility", "visible");
      const told = series.filter((one) => one.x.includes(x)).map((one) => {
        const i = one.x.indexOf(x);
        const band = one.low && one.low[i] !== null ? ` (${tickText(one.low[i])} to ${tickText(one.high[i])})` : "";
        return `${one.name ? `${one.name} ` : ""}${one.mean[i] === null ? "–" : tickText(one.mean[i])}${band}`;
      });
      values.textContent = `${xLabel} ${x}: ${told.join("; ")}`;
    };
    picture.onpointermove = (event) => {
      const place = event.clientX - picture.getBoundingClientRect().left;
      show(all.reduce((best, x, i) => (Math.abs(px(x) - place) < Math.abs(px(all[best]) - place) ? i : best), 0));
    };
    picture.onkeydown = (event) => {
      const step = { ArrowLeft: -1, ArrowRight: 1 }[event.key];
      if (step) { show(at + step); event.preventDefault(); }
    };
  }
  new ResizeObserver(draw).observe(picture);
  return figure;
}
