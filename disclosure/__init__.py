"""Disclosure protection: what may leave. The core computes without Django; services load, call and store."""
