-- The processor's seconds beside those of the wall clock. NULL where an older minidl took none.
ALTER TABLE run ADD COLUMN processor_seconds REAL;

-- When verdicts were asked for, with how many seeds, of how many that were planned then.
CREATE TABLE look (
    seeds INTEGER PRIMARY KEY,
    planned INTEGER NOT NULL,
    at TEXT NOT NULL
)
