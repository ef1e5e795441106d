"""Published QCEW: files read, every column checked, withheld cells completed for the synthetic world."""
