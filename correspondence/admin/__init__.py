"""Mailings and correspondences in the back-office: to look at and to act on, never to edit by hand."""

from correspondence.admin import attachments, correspondences, mailings, pauses

__all__ = ["attachments", "correspondences", "mailings", "pauses"]
