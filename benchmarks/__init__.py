"""Speed of the solver on this machine: `make bench`, or `python -m benchmarks`."""
