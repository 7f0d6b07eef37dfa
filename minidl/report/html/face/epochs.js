// The epoch and the seed that networks are shown at: one choice for the whole page, by slider, play and arrow keys.
const STRIDE = 350; // milliseconds between two epochs of play
const shownAt = { epoch: Infinity, seed: null, all: false, epochs: [], playing: null, watchers: new Set() };

const runsOf = (seed) => data.runs.filter((run) => run.seed === seed && isShown(run));
function chooseSeed(seed) {
  shownAt.seed = seed;
  shownAt.epochs = [...new Set(runsOf(seed).flatMap(epochsOf))].sort((a, b) => a - b);
  if (runsOf(seed).every((run) => epochsOf(run).length === 1)) shownAt.epochs = [];
  chooseEpoch(shownAt.epochs.length ? Math.min(shownAt.epoch, shownAt.epochs.at(-1)) : Infinity);
}
function chooseEpoch(epoch) {
  shownAt.epoch = epoch;
  for (const watcher of shownAt.watchers) watcher();
}
function pause() {
  clearInterval(shownAt.playing);
  shownAt.playing = null;
}
function play() {
  const { epochs } = shownAt;
  if (shownAt.epoch >= epochs.at(-1)) chooseEpoch(epochs[0]);
  shownAt.playing = setInterval(() => {
    chooseEpoch(epochs[Math.min(epochs.length, epochs.findLastIndex((own) => own <= shownAt.epoch) + 2) - 1]);
    if (shownAt.epoch >= epochs.at(-1)) { pause(); chooseEpoch(shownAt.epoch); }
  }, STRIDE);
}
function watch(watcher, until = () => false) {
  const own = () => (until() ? shownAt.watchers.delete(own) : watcher());
  shownAt.watchers.add(own);
}

// The slider with its button; in the dialog stands another, which moves with it.
function epochSlider(until) {
  const button = el("button", { type: "button", class: "play", onclick: () => {
    shownAt.playing ? pause() : play();
    chooseEpoch(shownAt.epoch);
  } });
  const slider = el("input", { type: "range", min: 0, step: 1, "aria-label": "Epoch", oninput: () => { pause(); chooseEpoch(shownAt.epochs[slider.value]); } });
  const told = el("span", { class: "epoch" });
  const row = el("div", { class: "epochs" }, button, slider, told);
  watch(() => {
    const { epochs, epoch, playing } = shownAt;
    row.hidden = !epochs.length;
    if (row.hidden) return;
    button.textContent = playing ? "❚❚ Pause" : "▶ Play";
    slider.max = epochs.length - 1;
    slider.value = epochs.findLastIndex((own) => own <= epoch);
    told.textContent = `epoch ${Math.min(epoch, epochs.at(-1))} of ${epochs.at(-1)}`;
    slider.setAttribute("aria-valuetext", told.textContent);
  }, until);
  return row;
}
