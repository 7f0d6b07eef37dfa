"""Reports: what a store of runs says, as tables, figures, statistics and verdicts."""
