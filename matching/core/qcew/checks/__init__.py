"""Checks that printed QCEW agrees with itself: sums and weekly wages, changes over the year, quotients, years."""
