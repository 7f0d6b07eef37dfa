"""The pipes below the textbook: tensors in, tensors out."""
