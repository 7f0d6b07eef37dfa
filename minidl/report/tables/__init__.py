"""Tables: what one is, how it is written, and those of a study."""
