byId("loading").remove();
showNetworks();
showSweep();
showCurves();
showPairs();
openCells();
showRuns();
// A page that is written again and again, while a study runs, is opened anew; not while somebody reads a run.
if (data.watched) setInterval(() => { if (!byId("dialog").open && !shownAt.playing) location.reload(); }, 10_000);
