"""Reproducible benchmarks: `./run bench NAME` runs bench/NAME.py on servers of its own that are gone afterwards."""
