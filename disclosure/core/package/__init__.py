"""The package of an aggregated release: what is in it, and its bytes."""
