"""Outputs a state made itself from individual records: read within bounds, checked, and laid out for a safe viewer."""
