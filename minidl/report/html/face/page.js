// How elements are made, and how numbers and names are written. Text is always set as text, never as HTML.
const SVG = "http://www.w3.org/2000/svg";
const COLORS = ["#0072B2", "#D55E00", "#009E73", "#CC79A7", "#E69F00", "#56B4E9", "#777777", "#8A7B00"];
const DASHES = ["", "7 3", "2 2", "7 2 2 2", "10 3", "4 4", "1 3", "12 2"];
const byId = (id) => document.getElementById(id);
data.scores.forEach((score, i) => { score.i = i; });
const scoreOf = new Map(data.scores.map((score) => [score.name, score]));

function fill(element, attributes, children) {
  for (const [key, value] of Object.entries(attributes)) {
    if (key.startsWith("on")) element.addEventListener(key.slice(2), value);
    else if (value !== null && value !== false) element.setAttribute(key, value === true ? "" : value);
  }
  element.append(...children.flat().filter((child) => child !== null));
  return element;
}
const el = (tag, attributes = {}, ...children) => fill(document.createElement(tag), attributes, children);
const svg = (tag, attributes = {}, ...children) =>
  fill(document.createElementNS(SVG, tag), attributes, children);

function number(value, digits) {
  if (value === null || value === undefined) return "–";
  const tiny = digits >= 3 && value !== 0 && Math.abs(value) < 0.5 * 10 ** -digits;
  return (tiny ? value.toExponential(1) : value.toFixed(digits)).replace(/^-/, "−");
}
const scoreText = (run, score) => number(run.scores ? run.scores[score.i] : null, score.digits);
const unitText = (score) => (score.unit ? ` ${score.unit}` : "");
const titled = (score) => score.title + (score.unit ? ` (${score.unit})` : "");
// A score of every run that has one, by cell and seed.
const valuesOf = (score) => new Map(data.runs.filter((run) => run.scores && run.scores[score.i] !== null)
  .map((run) => [`${run.cell} ${run.seed}`, run.scores[score.i]]));
// Things by a name that they share, in order of their first.
function grouped(things, nameOf) {
  const found = new Map();
  for (const thing of things) found.set(nameOf(thing), [...(found.get(nameOf(thing)) || []), thing]);
  return found;
}
const FEW = 5; // seeds of which a band would cover everything: each is a thin line in its place
const few = data.seeds.length < FEW;
const spreadText = data.seeds.length === 1 ? "" : few ? "Mean over seeds, and every seed as a thin line. "
  : "Mean over seeds with its 95 % band. ";
const cellName = (cell) =>
  Object.entries(cell.labels).map(([axis, text]) => axisText(axis, text)).join(", ") || "all runs";
const COMPONENTS = ["activation", "loss", "optimizer", "init", "data", "schedule"];
const axisText = (axis, text) => (COMPONENTS.includes(axis) ? text : `${axis.split(".").pop()}=${text}`);
const levelText = (cell, axis) => (axis in cell.labels ? axisText(axis, cell.labels[axis]) : "–");
// The axis that colours tell of, and for each of its levels a colour and a dash.
const toldByColour = (axes) => (axes.includes("optimizer") ? "optimizer" : axes.at(-1));
const levelsOf = (axis) => (axis ? [...new Set(data.cells.map((cell) => levelText(cell, axis)))] : [""]);
const lookOf = (level, levels) => {
  const i = levels.indexOf(level);
  return { color: COLORS[i % COLORS.length], dash: DASHES[i % DASHES.length] };
};
const runName = (run) => `${cellName(data.cells[run.cell])}, seed ${run.seed}`;

function choice(label, options, onchange) {
  const select = el("select", { onchange: () => onchange(select.value) },
    options.map(([value, text]) => el("option", { value }, text)));
  return el("label", {}, label, select);
}
function tick(label, checked, onchange) {
  const box = el("input", { type: "checkbox", checked, onchange: () => onchange(box.checked) });
  return el("label", {}, box, label);
}
function openDialog(title, ...children) {
  byId("dialog-title").textContent = title;
  byId("dialog-body").replaceChildren(...children);
  if (!byId("dialog").open) byId("dialog").showModal();
  byId("dialog").scrollTop = 0;
}
// What may be wider than the page scrolls by itself, by keyboard too.
const scrolling = (label, ...children) => el("div", { class: "scroll", tabindex: 0, role: "region", "aria-label": label }, ...children);
const note = (...texts) => el("p", { class: "note" }, ...texts);
// An SVG sample of a line, for legends.
const sample = ({ color: stroke, dash }) => svg("svg", { width: 34, height: 8, "aria-hidden": true },
  svg("line", { x1: 0, x2: 34, y1: 4, y2: 4, stroke, "stroke-width": 3, "stroke-dasharray": dash || "none" }));
const keyOf = (look, name) => el("span", {}, sample(look), name);
const panel = (name, what, picture) => el("figure", { class: "panel" }, el("figcaption", {}, name, el("small", {}, what)), picture);
function color(name) {
  return getComputedStyle(document.documentElement).getPropertyValue(name).trim();
}
