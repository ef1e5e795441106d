"""Pages of what is held: the heat map, the quality of loads, their history and comparison, and who used what."""
