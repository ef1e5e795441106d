"""The person vault: which SSN key it lives under, its persons, and the rotation of its key."""
