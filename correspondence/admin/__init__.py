"""Mailings and correspondences in the back-office: to look at and to act on, never to edit by hand."""

from correspondence.admin import correspondences, inlines, jobs, mailings, pauses

__all__ = ["correspondences", "inlines", "jobs", "mailings", "pauses"]
