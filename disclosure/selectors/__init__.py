"""Opened tables as pages show them; an opening is a grant of its own and recorded."""
