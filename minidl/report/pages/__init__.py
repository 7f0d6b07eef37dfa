"""Telling: sentences, tables of verdicts, and the page."""
