"""One command, one transaction, one event: everything that changes the workflow."""
