"""Cohort files: read by columns where clean, line by line where not, judged by one set of rules (data.md)."""
