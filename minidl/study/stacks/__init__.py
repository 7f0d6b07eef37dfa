"""Runs become results: built, planned into stacks, trained, taken apart."""
