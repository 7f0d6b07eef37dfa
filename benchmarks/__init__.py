"""How fast is minidl, beside its peers? `make bench` runs `python -m benchmarks`."""
