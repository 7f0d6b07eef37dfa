"""The pipes below the textbook: tensors in, tensors out, and no number changes here (README.md)."""
