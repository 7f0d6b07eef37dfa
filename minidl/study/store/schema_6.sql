-- What was planned before the first run: how many seeds, the study's file as resolved, the text of its
-- reference, when, and a digest of the three.
CREATE TABLE preregistration (
    id INTEGER PRIMARY KEY CHECK (id = 1),
    at TEXT NOT NULL,
    digest TEXT NOT NULL,
    seeds INTEGER NOT NULL,
    study TEXT NOT NULL,
    reference TEXT NOT NULL
)
