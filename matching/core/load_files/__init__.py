"""Wage-record and establishment files as states send them: layouts, reading in bounded memory, rejects by line."""
