"""The letter and its life."""
