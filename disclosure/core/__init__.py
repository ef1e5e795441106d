"""Pure statistical disclosure control: tabulation, primary rules, complementary suppression, audit, packages.

Nothing here imports Django: every function takes arrays or tables and may be called from a script.
"""
