"""Loads: files of states and of BLS into the wage store, all or nothing, with how good each is and the ways back."""
