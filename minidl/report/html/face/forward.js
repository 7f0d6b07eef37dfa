// A network's answers, computed here from its weights. An activation that has no form in FORMS travels as answers.
const sigmoid = (x) => 1 / (1 + Math.exp(-x));
function erf(x) { // Abramowitz and Stegun 7.1.26, off by 1.5e-7 at most
  const t = 1 / (1 + 0.3275911 * Math.abs(x));
  const y = 1 - ((((1.061405429 * t - 1.453152027) * t + 1.421413741) * t - 0.284496736) * t + 0.254829592) * t * Math.exp(-x * x);
  return x < 0 ? -y : y;
}
const FORMS = {
  tanh: () => Math.tanh,
  sigmoid: () => sigmoid,
  softsign: () => (x) => x / (1 + Math.abs(x)),
  hardtanh: ({ min_val, max_val }) => (x) => Math.min(Math.max(x, min_val), max_val),
  relu: () => (x) => (x > 0 ? x : 0),
  leaky_relu: ({ negative_slope }) => (x) => (x > 0 ? x : negative_slope * x),
  elu: ({ alpha }) => (x) => (x > 0 ? x : alpha * Math.expm1(x)),
  selu: () => (x) => 1.0507009873554805 * (x > 0 ? x : 1.6732632423543772 * Math.expm1(x)),
  identity: () => (x) => x,
  silu: () => (x) => x * sigmoid(x),
  softplus: ({ beta, threshold }) => (x) => (beta * x > threshold ? x : (Math.max(beta * x, 0) + Math.log1p(Math.exp(-Math.abs(beta * x)))) / beta),
  gelu: ({ approximate }) => approximate === "tanh"
    ? (x) => x * sigmoid(2 * Math.sqrt(2 / Math.PI) * (x + 0.044715 * x ** 3))
    : (x) => (x * (1 + erf(x / Math.SQRT2))) / 2,
  softmax: () => null, // over the outputs of a point: done in place below
};

function floats(text) {
  const bytes = Uint8Array.from(atob(text), (c) => c.charCodeAt(0));
  const view = new DataView(bytes.buffer);
  return Float32Array.from({ length: bytes.length / 4 }, (_, i) => view.getFloat32(4 * i, true));
}
const weightsCache = new Map();
function weightsOf(run) {
  if (!weightsCache.has(run.id)) weightsCache.set(run.id, floats(data.networks.weights[run.id]));
  return weightsCache.get(run.id);
}

function softmaxRows(x, width) {
  for (let row = 0; row < x.length; row += width) {
    let top = -Infinity, sum = 0;
    for (let j = 0; j < width; j++) top = Math.max(top, x[row + j]);
    for (let j = 0; j < width; j++) sum += x[row + j] = Math.exp(x[row + j] - top);
    for (let j = 0; j < width; j++) x[row + j] /= sum;
  }
}

// Return what every layer gives for n points (n, d_in): [(n, hidden), ..., (n, d_out)].
function layersOf(weights, network, points) {
  const { widths } = network, found = [];
  let x = points, place = 0;
  for (let layer = 1; layer < widths.length; layer++) {
    const [from, to] = [widths[layer - 1], widths[layer]], n = x.length / from;
    const bias = place + from * to, y = new Float64Array(n * to);
    for (let i = 0; i < n; i++)
      for (let j = 0; j < to; j++) y[i * to + j] = weights[bias + j];
    for (let i = 0; i < n; i++)
      for (let k = 0; k < from; k++) {
        const value = x[i * from + k], row = place + k * to;
        if (value !== 0) for (let j = 0; j < to; j++) y[i * to + j] += value * weights[row + j];
      }
    const { name, ...own } = layer === widths.length - 1 ? network.output : network.hidden;
    const form = FORMS[name](own);
    if (form === null) softmaxRows(y, to);
    else for (let i = 0; i < y.length; i++) y[i] = form(y[i]);
    place = bias + to;
    found.push(y);
    x = y;
  }
  return found;
}

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
const isShown = (run) => run.id in data.networks.weights || run.id in data.networks.asked;

// Return a network's outputs on its square or line, and how many steps that has along a side.
function outputsOf(run, steps) {
  const network = networkFor(run), points = pointsFor(run), plane = network.kind === "plane";
  if (!(run.id in data.networks.weights)) {
    const output = floats(data.networks.asked[run.id]), n = output.length / network.widths.at(-1);
    return { output, steps: plane ? Math.round(Math.sqrt(n)) : n };
  }
  const at = plane ? square(points.low, points.high, steps) : line(points.low[0], points.high[0], steps);
  return { output: layersOf(weightsOf(run), network, at).at(-1), steps };
}

// The class that outputs stand for, and how sure the network is: as in minidl/report/networks/surface.py.
function answer(network, output, i) {
  const k = network.widths.at(-1), { range, threshold } = network;
  if (k === 1) {
    const away = output[i] - threshold;
    const sure = range ? Math.abs(away) / Math.max(away >= 0 ? range[1] - threshold : threshold - range[0], 1e-12) : Math.tanh(Math.abs(away) / 2);
    return [away >= 0 ? 1 : 0, Math.min(1, sure)];
  }
  const own = Array.from({ length: k }, (_, j) => output[i * k + j]), top = Math.max(...own);
  const shares = own.map((v) => (range ? (v - range[0]) / (range[1] - range[0]) : Math.exp(v - top)));
  const sum = Math.max(shares.reduce((a, b) => a + b, 0), 1e-12);
  return [own.indexOf(top), Math.max(0, Math.min(1, (Math.max(...shares) / sum - 1 / k) / (1 - 1 / k)))];
}

// What is 0 on a network's boundaries: one field for one output, one for each class of many.
function fields(network, output) {
  const k = network.widths.at(-1);
  if (k === 1) return [Float64Array.from(output, (v) => v - network.threshold)];
  return Array.from({ length: k }, (_, j) => Float64Array.from({ length: output.length / k }, (_, i) => {
    let other = -Infinity;
    for (let m = 0; m < k; m++) if (m !== j) other = Math.max(other, output[i * k + m]);
    return output[i * k + j] - other;
  }));
}
