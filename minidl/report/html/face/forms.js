// Activations that this page computes; a network with another one travels as its answers to a grid of points.
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
