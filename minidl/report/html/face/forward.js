// A network's answers, computed here from its weights. An activation that has no form in FORMS travels as answers.
const tanh = (x) => 1 - 2 / (Math.exp(2 * x) + 1); // twice as fast as Math.tanh
const sigmoid = (x) => 1 / (1 + Math.exp(-x));
function erf(x) { // Abramowitz and Stegun 7.1.26, off by 1.5e-7 at most
  const t = 1 / (1 + 0.3275911 * Math.abs(x));
  const y = 1 - ((((1.061405429 * t - 1.453152027) * t + 1.421413741) * t - 0.284496736) * t + 0.254829592) * t * Math.exp(-x * x);
  return x < 0 ? -y : y;
}
const FORMS = {
  tanh: () => tanh,
  tanh_as_printed: () => tanh,
  sigmoid: () => sigmoid,
  softsign: () => (x) => x / (1 + Math.abs(x)),
  hardtanh: ({ min_val, max_val }) => (x) => Math.min(Math.max(x, min_val), max_val),
  relu: () => (x) => (x > 0 ? x : 0),
  leaky_relu: ({ negative_slope }) => (x) => (x > 0 ? x : negative_slope * x),
  leaky_relu_as_printed: ({ negative_slope }) => (x) => (x > 0 ? x : negative_slope * x),
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

// A row of single-precision numbers beside the data: where it begins, and how many there are.
const floats = ([at, count]) => new Float32Array(numbers, at, count);

// The numbers of a network after each of its epochs: sixteen bits each, kept as changes, low bytes first.
const courses = new Map();
function courseOf(run) {
  if (!courses.has(run.id)) {
    const { at, rows, sizes, scales } = data.networks.states[run.id];
    const n = sizes.reduce((a, b) => a + b, 0), bytes = new Uint8Array(numbers, at, 2 * rows * n);
    const scale = sizes.flatMap((size, i) => Array(size).fill(scales[i])), whole = new Int16Array(n);
    courses.set(run.id, Array.from({ length: rows }, (_, row) => Float32Array.from(whole, (_, i) => {
      const place = row * n + i;
      whole[i] += bytes[place] + 256 * bytes[place + rows * n];
      return whole[i] * scale[i];
    })));
  }
  return courses.get(run.id);
}
const epochsOf = (run) => data.networks.states[run.id].epochs;
// Which state a network was in at an epoch: the last one that is kept until then.
const stateAt = (run, epoch) => Math.max(0, epochsOf(run).findLastIndex((own) => own <= epoch));

function softmaxRows(x, width) {
  for (let row = 0; row < x.length; row += width) {
    let top = -Infinity, sum = 0;
    for (let j = 0; j < width; j++) top = Math.max(top, x[row + j]);
    for (let j = 0; j < width; j++) sum += x[row + j] = Math.exp(x[row + j] - top);
    for (let j = 0; j < width; j++) x[row + j] /= sum;
  }
}

function normaliseRows(x, width, weights, place, eps) {
  for (let row = 0; row < x.length; row += width) {
    let mean = 0, variance = 0;
    for (let j = 0; j < width; j++) mean += x[row + j] / width;
    for (let j = 0; j < width; j++) variance += (x[row + j] - mean) ** 2 / width;
    for (let j = 0; j < width; j++)
      x[row + j] = ((x[row + j] - mean) / Math.sqrt(variance + eps)) * weights[place + j] + weights[place + width + j];
  }
}
function affine(x, from, to, weights, place) {
  const n = x.length / from, bias = place + from * to, y = new Float64Array(n * to);
  for (let i = 0; i < n; i++) {
    const out = i * to;
    for (let j = 0; j < to; j++) y[out + j] = weights[bias + j];
    for (let k = 0; k < from; k++) {
      const value = x[i * from + k], row = place + k * to;
      if (value !== 0) for (let j = 0; j < to; j++) y[out + j] += value * weights[row + j];
    }
  }
  return y;
}

// Return what every layer hands on for n points (n, inputs): [{ width, values (n, width) }, ...], the answers last.
function layersOf(weights, { inputs, parts }, points) {
  const found = [];
  let x = Float64Array.from(points), width = inputs, place = 0;
  for (const { name, ...own } of parts) {
    if (name === "linear") {
      if (place) found.push({ width, values: x });
      x = affine(x, width, own.width, weights, place);
      place += (width + 1) * own.width;
      width = own.width;
    } else if (name === "layer_norm") {
      normaliseRows(x, width, weights, place, own.eps);
      place += 2 * width;
    } else {
      const form = FORMS[name](own);
      if (form === null) softmaxRows(x, width);
      else for (let i = 0; i < x.length; i++) x[i] = form(x[i]);
    }
  }
  return [...found, { width, values: x }];
}
const answersOf = (weights, network, points) => layersOf(weights, network, points).at(-1).values;

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

// The class that outputs stand for, and how sure the network is: as in minidl/report/networks/surface.py.
function answer(network, output, i) {
  const k = network.outputs, { range, threshold } = network;
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
  const k = network.outputs;
  if (k === 1) return [Float64Array.from(output, (v) => v - network.threshold)];
  return Array.from({ length: k }, (_, j) => Float64Array.from({ length: output.length / k }, (_, i) => {
    let other = -Infinity;
    for (let m = 0; m < k; m++) if (m !== j) other = Math.max(other, output[i * k + m]);
    return output[i * k + j] - other;
  }));
}
