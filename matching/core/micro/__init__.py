"""Micro packages: records merged in order, their CSV, ZIP and documents; the same input gives the same bytes."""
