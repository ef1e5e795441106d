"""Tables in the layout of QCEW: every cell BLS publishes of a state and quarter, its relations, its rows in files."""
