"""The demonstration: a synthetic world, and the three sample questions of the request instructions, really played."""
