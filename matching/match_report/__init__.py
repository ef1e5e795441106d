"""What BLS sees of a match before anything is released."""
