-- Scores keyed by metric, so that any task fits, and all that a reader needs to know of the study:
-- its cells with labels and the ids of its runs. From here on no component's code is read with it.

-- One row for each score: "train_loss", "test_accuracy". unit is that of a value.
CREATE TABLE metric (
    number INTEGER PRIMARY KEY,
    name TEXT NOT NULL UNIQUE,
    unit TEXT NOT NULL,
    better TEXT NOT NULL CHECK (better IN ('higher', 'lower'))
);
INSERT INTO metric VALUES
    (1, 'train_loss', '', 'lower'),
    (2, 'train_accuracy', '%', 'higher'),
    (3, 'test_loss', '', 'lower'),
    (4, 'test_accuracy', '%', 'higher');

CREATE TABLE run_2 (
    number INTEGER PRIMARY KEY,
    id TEXT NOT NULL UNIQUE,
    settings TEXT NOT NULL,
    seed INTEGER NOT NULL,
    status TEXT NOT NULL CHECK (status IN ('done', 'diverged', 'failed')),
    error TEXT,
    diverged_at INTEGER,
    last_epoch INTEGER,
    baseline REAL,
    seconds REAL NOT NULL,
    finished_at TEXT NOT NULL,
    environment_id INTEGER NOT NULL REFERENCES environment (id)
);
INSERT INTO run_2 (
    id, settings, seed, status, error, diverged_at, last_epoch, seconds, finished_at, environment_id
) SELECT
    id, settings, seed, status, error, diverged_at,
    (SELECT max(epoch) FROM curve WHERE run_id = id), seconds, finished_at, environment_id
FROM run ORDER BY rowid;

CREATE TABLE curve_2 (
    run INTEGER NOT NULL REFERENCES run_2 (number) ON DELETE CASCADE,
    metric INTEGER NOT NULL REFERENCES metric (number),
    epoch INTEGER NOT NULL,
    value REAL,
    PRIMARY KEY (run, metric, epoch)
) WITHOUT ROWID;
INSERT INTO curve_2
SELECT number, 1, epoch, train_loss FROM curve JOIN run_2 ON id = run_id UNION ALL
SELECT number, 2, epoch, train_accuracy FROM curve JOIN run_2 ON id = run_id UNION ALL
SELECT number, 3, epoch, test_loss FROM curve JOIN run_2 ON id = run_id UNION ALL
SELECT number, 4, epoch, test_accuracy FROM curve JOIN run_2 ON id = run_id;

DROP TABLE curve;
DROP TABLE run;
ALTER TABLE run_2 RENAME TO run;
ALTER TABLE curve_2 RENAME TO curve;

-- The study as it was last run: name, seeds and axes as JSON, and the text of its reference.
ALTER TABLE study ADD COLUMN outline TEXT;
ALTER TABLE study ADD COLUMN reference TEXT;
CREATE TABLE cell (
    number INTEGER PRIMARY KEY,
    settings TEXT NOT NULL,
    place TEXT NOT NULL
);
CREATE TABLE level (
    cell INTEGER NOT NULL REFERENCES cell (number) ON DELETE CASCADE,
    position INTEGER NOT NULL,
    axis TEXT NOT NULL,
    value TEXT NOT NULL,
    label TEXT NOT NULL,
    PRIMARY KEY (cell, position)
) WITHOUT ROWID;
CREATE TABLE planned (
    cell INTEGER NOT NULL REFERENCES cell (number) ON DELETE CASCADE,
    seed INTEGER NOT NULL,
    run_id TEXT NOT NULL,
    PRIMARY KEY (cell, seed)
) WITHOUT ROWID;
