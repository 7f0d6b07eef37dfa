// Scales of charts: where numbers stand, linear or logarithmic, and round numbers to mark.
const bend = (value, log) => (log ? Math.log10(value) : value);

// A function from numbers to pixels; what lies beyond the ends stays just outside.
function scaleOf(low, high, from, to, log) {
  const span = bend(high, log) - bend(low, log);
  const place = (value) => {
    const part = span ? (bend(log ? Math.max(value, low / 2) : value, log) - bend(low, log)) / span : 0.5;
    return from + (to - from) * Math.max(-0.02, Math.min(1.02, part));
  };
  return Object.assign(place, { low, high, log });
}

// The ends of what some series show: their means, or single lines, and bands as far as these are not much wider.
function endsOf(series, log, within) {
  const shown = (value) => value !== null && (!log || value > 0);
  const means = series.flatMap((one) => [...one.mean, ...(one.low ? [] : (one.lines || []).flat())].filter(shown));
  if (!means.length) return null;
  let [low, high] = [Math.min(...means), Math.max(...means)];
  if (log) return [low / 1.3, high * 1.3];
  const near = (end) => end !== null && Math.abs(end - (low + high) / 2) < 2 * (high - low);
  const ends = [low, high, ...series.flatMap((one) => [...(one.low || []), ...(one.high || [])]).filter(near)];
  [low, high] = [Math.min(...ends), Math.max(...ends)];
  const room = 0.05 * (high - low) || Math.abs(high) * 0.05 || 1;
  return within ? [Math.max(low - room, within[0]), Math.min(high + room, within[1])] : [low - room, high + room];
}

function ticksOf(low, high, log) {
  const found = [];
  if (log) {
    for (let power = Math.floor(Math.log10(low)); power <= Math.ceil(Math.log10(high)); power++)
      for (const factor of high / low < 100 ? [1, 2, 5] : [1]) found.push(factor * 10 ** power);
    return found.filter((value) => value >= low && value <= high);
  }
  const rough = (high - low) / 4 || 1;
  const power = 10 ** Math.floor(Math.log10(rough));
  const step = [1, 2, 5, 10].map((factor) => factor * power).find((value) => value >= rough);
  for (let i = Math.ceil(low / step); i * step <= high; i++) found.push(i * step);
  return found;
}
const tickText = (value) => String(Number(value.toPrecision(4))).replace("-", "−");

function xAxis(box, x, label) {
  const ticks = ticksOf(x.low, x.high, x.log).map((value) => [
    svg("line", { class: "axis", x1: x(value), x2: x(value), y1: box.bottom, y2: box.bottom + 4 }),
    svg("text", { x: x(value), y: box.bottom + 17, "text-anchor": "middle" }, tickText(value))]);
  return [...ticks.flat(), svg("line", { class: "axis", x1: box.left, x2: box.right, y1: box.bottom, y2: box.bottom }),
    svg("text", { x: (box.left + box.right) / 2, y: box.bottom + 31, "text-anchor": "middle" }, label)];
}
const yAxis = (box, y, text = tickText) => ticksOf(y.low, y.high, y.log).flatMap((value) => [
  svg("line", { class: "grid", x1: box.left, x2: box.right, y1: y(value), y2: y(value) }),
  svg("text", { x: box.left - 6, y: y(value) + 4, "text-anchor": "end" }, text(value))]);
