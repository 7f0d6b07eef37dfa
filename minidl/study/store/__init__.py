"""What is kept: the database, runs in, records out, merging, the lock."""
