"""Which cells are sensitive, and why. BLS eyes only."""
