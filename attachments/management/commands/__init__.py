"""Commands of the attachments."""
