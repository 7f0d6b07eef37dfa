"""The plumbing below the textbook: tensors in, tensors out, no number changed (README.md)."""
