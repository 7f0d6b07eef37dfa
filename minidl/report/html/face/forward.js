// A network's answers, computed here from its weights.
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
