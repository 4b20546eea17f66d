"""Dates in nynorsk."""
