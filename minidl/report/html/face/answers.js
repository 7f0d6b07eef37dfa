// What networks answer over the plane or a line: classes, how sure they are, and what is 0 on their boundaries.
// Points (n * n, 2) of a square of steps over the axes, row by row from the lowest.
function square(low, high, steps) {
  const points = new Float64Array(2 * steps * steps);
  for (let i = 0; i < steps; i++)
    for (let j = 0; j < steps; j++) {
      points[2 * (i * steps + j)] = low[0] + ((high[0] - low[0]) * j) / (steps - 1);
      points[2 * (i * steps + j) + 1] = low[1] + ((high[1] - low[1]) * i) / (steps - 1);
    }
  return points;
}
const line = (low, high, steps) => Float64Array.from({ length: steps }, (_, i) => low + ((high - low) * i) / (steps - 1));

const networkFor = (run) => data.networks.cells[run.cell];
const pointsFor = (run) => data.networks.points[`${networkFor(run).data}/${run.seed}`];
const isShown = (run) => run && run.id in data.networks.states;

// Return a network's outputs on its square or line, in one of its states, and how many steps that has along a side.
function outputsOf(run, state, steps) {
  const network = networkFor(run), points = pointsFor(run), plane = network.kind === "plane", own = courseOf(run)[state];
  if (!network.scripted) {
    const n = own.length / network.outputs;
    return { output: own, steps: plane ? Math.round(Math.sqrt(n)) : n };
  }
  const at = plane ? square(points.low, points.high, steps) : line(points.low[0], points.high[0], steps);
  return { output: answersOf(own, network, at), steps };
}

// The class that outputs stand for, and how sure the network is: as in minidl/report/networks/surface.py. Where one of
// them is no number it is not sure of anything.
function answer(network, output, i) {
  const k = network.outputs, { range, threshold } = network, own = Array.from({ length: k }, (_, j) => output[i * k + j]);
  if (own.some(Number.isNaN)) return [0, 0];
  if (k === 1) {
    const away = output[i] - threshold;
    const sure = range ? Math.abs(away) / Math.max(away >= 0 ? range[1] - threshold : threshold - range[0], 1e-12) : Math.tanh(Math.abs(away) / 2);
    return [away >= 0 ? 1 : 0, Math.min(1, sure)];
  }
  const top = Math.max(...own);
  const shares = own.map((v) => (range ? (v - range[0]) / (range[1] - range[0]) : Math.exp(v - top)));
  const sum = Math.max(shares.reduce((a, b) => a + b, 0), 1e-12);
  return [own.indexOf(top), Math.max(0, Math.min(1, (Math.max(...shares) / sum - 1 / k) / (1 - 1 / k)))];
}

// What is 0 on a network's boundaries: one field for one output, one for each class of many.
function fields(network, output) {
  const k = network.outputs;
  if (k === 1) return [Float64Array.from(output, (v) => v - network.threshold)];
  return Array.from({ length: k }, (_, j) => Float64Array.from({ length: output.length / k }, (_, i) => {
    let other = -Infinity;
    for (let m = 0; m < k; m++) if (m !== j) other = Math.max(other, output[i * k + m]);
    return output[i * k + j] - other;
  }));
}
