-- The tables of a store: one study, its finished runs, their curves and their weights.
CREATE TABLE study (
    id INTEGER PRIMARY KEY CHECK (id = 1),
    yaml TEXT NOT NULL
);
CREATE TABLE environment (
    id INTEGER PRIMARY KEY,
    facts TEXT NOT NULL UNIQUE
);
CREATE TABLE run (
    id TEXT PRIMARY KEY,
    settings TEXT NOT NULL,
    seed INTEGER NOT NULL,
    status TEXT NOT NULL CHECK (status IN ('done', 'diverged', 'failed')),
    error TEXT,
    diverged_at INTEGER,
    train_loss REAL,
    train_accuracy REAL,
    test_loss REAL,
    test_accuracy REAL,
    seconds REAL NOT NULL,
    finished_at TEXT NOT NULL,
    environment_id INTEGER NOT NULL REFERENCES environment (id)
);
CREATE TABLE curve (
    run_id TEXT NOT NULL REFERENCES run (id) ON DELETE CASCADE,
    epoch INTEGER NOT NULL,
    train_loss REAL,
    train_accuracy REAL,
    test_loss REAL,
    test_accuracy REAL,
    PRIMARY KEY (run_id, epoch)
) WITHOUT ROWID;
CREATE TABLE weights (
    run_id TEXT PRIMARY KEY REFERENCES run (id) ON DELETE CASCADE,
    safetensors BLOB NOT NULL
);
