"""Claims and published numbers held against a study: what is asked, and how it is answered."""
