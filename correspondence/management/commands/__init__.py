"""Commands on the queue, on persons, and on the service as a whole."""
