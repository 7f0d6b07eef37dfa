// Pictures of the plane: answers as colour, paler where less sure, boundaries, the truth, points.
const DEPTH = 0.6; // how much of a class's colour a sure answer has

// A network's answers in one of its states, drawn once: its colours, its boundaries, the points that it gets wrong.
const planes = new Map();
function planeOf(run, state, steps) {
  const key = `${run.id} ${state} ${steps}`;
  if (!planes.has(key)) {
    const network = networkFor(run), { output, steps: n } = outputsOf(run, state, steps);
    planes.set(key, { n, picture: coloured(network, output, n), wrong: wrongOf(run, state),
      boundaries: fields(network, output).map((field) => contour(field, n)) });
  }
  return planes.get(key);
}
function coloured(network, output, n) {
  const paper = rgb(color("--paper")), tints = CLASSES.map(rgb), image = new ImageData(n, n);
  for (let i = 0; i < n; i++)
    for (let j = 0; j < n; j++) {
      const [k, sure] = answer(network, output, i * n + j), tint = tints[k % tints.length];
      const at = 4 * ((n - 1 - i) * n + j);
      for (let c = 0; c < 3; c++) image.data[at + c] = paper[c] + DEPTH * sure * (tint[c] - paper[c]);
      image.data[at + 3] = 255;
    }
  const picture = el("canvas", { width: n, height: n });
  picture.getContext("2d").putImageData(image, 0, 0);
  return picture;
}
// Which points a network gets wrong; null where the page cannot compute its answers to them.
function wrongOf(run, state) {
  const network = networkFor(run), own = pointsFor(run);
  if (!network.scripted || network.kind !== "plane") return null;
  const output = answersOf(courseOf(run)[state], network, floats(own.x));
  return [...floats(own.y)].map((k, i) => answer(network, output, i)[0] !== k);
}
const share = (run, wrong) => (wrong && pointsFor(run).n === wrong.length ? (100 * wrong.filter((miss) => !miss).length) / wrong.length : null);

function strokeBoundary(pen, { boundaries, n }, side) {
  const at = (v) => (v / (n - 1)) * side;
  pen.beginPath();
  for (const segments of boundaries)
    for (const [x1, y1, x2, y2] of segments) {
      pen.moveTo(at(x1), side - at(y1));
      pen.lineTo(at(x2), side - at(y2));
    }
  pen.stroke();
}

function drawPlane(canvas, run, state, { side, steps, also = [], large = false }) {
  const own = pointsFor(run), pen = sized(canvas, side), plane = planeOf(run, state, steps);
  pen.imageSmoothingQuality = "high";
  const edge = plane.n / (plane.n - 1); // the middle of the outer pixels lies on the edge
  pen.drawImage(plane.picture, (side - side * edge) / 2, (side - side * edge) / 2, side * edge, side * edge);
  const px = (x) => (side * (x - own.low[0])) / (own.high[0] - own.low[0]);
  const py = (y) => side - (side * (y - own.low[1])) / (own.high[1] - own.low[1]);
  pen.strokeStyle = color("--soft");
  pen.lineWidth = 0.6;
  for (const [other, its] of also) strokeBoundary(pen, planeOf(other, its, 40), side);
  drawPoints(pen, own, plane.wrong, px, py, large);
  pen.strokeStyle = color("--ink");
  pen.lineWidth = large ? 2.2 : 1.6;
  pen.lineJoin = pen.lineCap = "round";
  strokeBoundary(pen, plane, side);
  if (own.truth) drawTruth(pen, floats(own.truth), px, py, large);
  return plane.wrong;
}
function drawTruth(pen, truth, px, py, large) {
  pen.setLineDash(large ? [6, 5] : [4, 4]);
  pen.lineWidth = large ? 1.5 : 1;
  pen.beginPath();
  let move = true; // NaN stands between pieces: the next one begins anew
  for (let i = 0; i < truth.length; i += 2) {
    const known = Number.isFinite(truth[i]), [x, y] = [px(truth[i]), py(truth[i + 1])];
    if (known) move ? pen.moveTo(x, y) : pen.lineTo(x, y);
    move = !known;
  }
  pen.stroke();
  pen.setLineDash([]);
}
function drawPoints(pen, own, wrong, px, py, large) {
  const x = floats(own.x), many = !large && wrong !== null && wrong.filter(Boolean).length > 80;
  floats(own.y).forEach((k, i) => {
    const miss = wrong !== null && wrong[i];
    if (!large && !miss) return;
    pen.beginPath();
    pen.arc(px(x[2 * i]), py(x[2 * i + 1]), miss ? (large ? 4.5 : many ? 1.3 : 2.2) : 1.8, 0, 2 * Math.PI);
    pen.fillStyle = CLASSES[k % CLASSES.length];
    pen.fill();
    if (miss && !many) { pen.strokeStyle = color("--ink"); pen.lineWidth = large ? 1.3 : 0.7; pen.stroke(); }
  });
}
