"""Cohort files for people and programs: pages, addresses, forms, and the door they come in by."""
