-- The processor's seconds beside those of the wall clock. NULL where an older minidl took none.
ALTER TABLE run ADD COLUMN processor_seconds REAL;
