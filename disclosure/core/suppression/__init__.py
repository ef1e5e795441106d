"""Complementary suppression: the search for cells to withhold so that no sensitive cell can be worked out."""
