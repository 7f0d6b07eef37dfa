// Pictures of a curve of one input: what a network says, the truth, points.
function drawCurve(canvas, run, state, { side, also = [], large = false }) {
  const own = pointsFor(run), pen = sized(canvas, side), x = floats(own.x), y = floats(own.y);
  const [low, high] = [Math.min(...y), Math.max(...y)], room = 0.08 * (high - low) || 1;
  const px = (v) => (side * (v - own.low[0])) / (own.high[0] - own.low[0]);
  const py = (v) => side - (side * (v - low + room)) / (high - low + 2 * room);
  const trace = (values) => {
    pen.beginPath();
    values.forEach((v, i) => { // what is no number is a gap
      const go = i && !Number.isNaN(values[i - 1]) ? "lineTo" : "moveTo";
      if (!Number.isNaN(v)) pen[go]((side * i) / (values.length - 1), Math.max(-9, Math.min(side + 9, py(v))));
    });
    pen.stroke();
  };
  pen.fillStyle = color("--paper");
  pen.fillRect(0, 0, side, side);
  pen.fillStyle = color("--soft");
  pen.globalAlpha = 0.45;
  x.forEach((v, i) => { pen.beginPath(); pen.arc(px(v), py(y[i]), large ? 2.2 : 1.3, 0, 7); pen.fill(); });
  pen.globalAlpha = 1;
  pen.strokeStyle = color("--soft");
  pen.lineWidth = 0.6;
  for (const [other, its] of also) trace(outputsOf(other, its, 120).output);
  pen.strokeStyle = color("--focus");
  pen.lineWidth = large ? 2.6 : 2;
  trace(outputsOf(run, state, 200).output);
  if (own.truth) { pen.strokeStyle = color("--ink"); pen.setLineDash([5, 4]); pen.lineWidth = 1.2; trace(floats(own.truth)); pen.setLineDash([]); }
  return null;
}
const drawNetwork = (canvas, run, state, options) => (networkFor(run).kind === "plane" ? drawPlane : drawCurve)(canvas, run, state, options);
