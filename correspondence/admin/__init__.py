"""Mailings and correspondences in the back-office: to look at and to act on, never to edit by hand."""

from correspondence.admin import attachments, audit, correspondences, jobs, mailings, pauses, start

__all__ = ["attachments", "audit", "correspondences", "jobs", "mailings", "pauses", "start"]
