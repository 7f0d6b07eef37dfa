-- Early stopping: the epoch whose weights are kept, which is last_epoch then, and the one after which
-- training ended. NULL where a run does not stop early.
ALTER TABLE run ADD COLUMN best_at INTEGER;
ALTER TABLE run ADD COLUMN stopped_at INTEGER;
