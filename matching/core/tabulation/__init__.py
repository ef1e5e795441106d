"""What tables are counted from, computed from arrays: histories of jobs, flows, moves, outcomes, dynamics.

Pure numpy. Which records and units the arrays come from is the affair of `matching/tabulation`; what the columns mean
for a reader is that of the catalogue of measures (`disclosure/core/measures`).
"""
