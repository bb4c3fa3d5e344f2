"""What is measured, each in a process of its own: run as ``python -m benchmarks.contenders.serve_…``."""
