// The lines where a field over a square of steps is 0: marching squares, as segments in steps.
function contour(field, steps) {
  const segments = [];
  const cross = (a, b) => a / (a - b);
  for (let i = 0; i + 1 < steps; i++)
    for (let j = 0; j + 1 < steps; j++) {
      const a = field[i * steps + j], b = field[i * steps + j + 1];
      const c = field[(i + 1) * steps + j + 1], d = field[(i + 1) * steps + j];
      if (!Number.isFinite(a + b + c + d)) continue; // no boundary of what is no number
      const cuts = [];
      if (a < 0 !== b < 0) cuts.push([j + cross(a, b), i]);
      if (b < 0 !== c < 0) cuts.push([j + 1, i + cross(b, c)]);
      if (d < 0 !== c < 0) cuts.push([j + cross(d, c), i + 1]);
      if (a < 0 !== d < 0) cuts.push([j, i + cross(a, d)]);
      for (let n = 0; n + 1 < cuts.length; n += 2) segments.push([...cuts[n], ...cuts[n + 1]]);
    }
  return segments;
}
