"""Mailings and correspondences in the back-office: to look at and to act on, never to edit by hand."""

from correspondence.admin import audit, correspondences, inlines, mailings, pauses, start

__all__ = ["audit", "correspondences", "inlines", "mailings", "pauses", "start"]
