"""Text in and out: YAML and CSV with their places, atomic writing, one-line complaints."""
