"""Additive tables of the command line: CSV files in and out."""
