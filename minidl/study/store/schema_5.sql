-- Weights while a run was trained, after some of its epochs, 0 being before the first: what shows how
-- a network learns. Those at its end are in weights.
CREATE TABLE snapshot (
    run_id TEXT NOT NULL REFERENCES run (id) ON DELETE CASCADE,
    epoch INTEGER NOT NULL,
    safetensors BLOB NOT NULL,
    PRIMARY KEY (run_id, epoch)
);
