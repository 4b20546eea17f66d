"""Commands on correspondence."""
