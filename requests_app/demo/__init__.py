"""The demonstration's made-up agencies and people. Refuses to run outside a demonstration or a test."""
