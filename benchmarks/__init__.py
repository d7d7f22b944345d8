"""Speed and quality against peers on the same work: ``python -m benchmarks``."""
