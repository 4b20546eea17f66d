"""Whom letters are addressed to: identifiers, parties, reservations."""
