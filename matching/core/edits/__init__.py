"""Edits of loads: what is flagged in records and accounts, by resistant rules, and the sums they rest on."""
