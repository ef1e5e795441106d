"""Cohort keys, cohort files, the match, micro packages: what matching does to a request."""
