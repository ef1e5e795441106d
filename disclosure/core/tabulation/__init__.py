"""From contributions and a design to the cells of a table."""
