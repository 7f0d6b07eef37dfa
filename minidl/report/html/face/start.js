showNetworks();
showCurves();
openCells();
showRuns();
