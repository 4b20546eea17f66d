"""Dates in bokmål."""
