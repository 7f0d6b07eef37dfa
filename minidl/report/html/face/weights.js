// Numbers that travel beside the data: points, and the weights of networks after each of their epochs.
// A row of single-precision numbers beside the data: where it begins, and how many there are.
const floats = ([at, count]) => new Float32Array(numbers, at, count);

// The numbers of a network after each of its epochs: sixteen bits each, kept as changes, low bytes first.
const courses = new Map(), NO_NUMBER = -32768; // as in minidl/report/html/pack.py
function courseOf(run) {
  if (!courses.has(run.id)) {
    const { at, rows, sizes, scales } = data.networks.states[run.id];
    const n = sizes.reduce((a, b) => a + b, 0), bytes = new Uint8Array(numbers, at, 2 * rows * n);
    const scale = sizes.flatMap((size, i) => Array(size).fill(scales[i])), whole = new Int16Array(n);
    courses.set(run.id, Array.from({ length: rows }, (_, row) => Float32Array.from(whole, (_, i) => {
      const place = row * n + i;
      whole[i] += bytes[place] + 256 * bytes[place + rows * n];
      return whole[i] === NO_NUMBER ? NaN : whole[i] * scale[i];
    })));
  }
  return courses.get(run.id);
}
const epochsOf = (run) => data.networks.states[run.id].epochs;
// Which state a network was in at an epoch: the last one that is kept until then.
const stateAt = (run, epoch) => Math.max(0, epochsOf(run).findLastIndex((own) => own <= epoch));
