"""Django's PostgreSQL engine, with connections that nobody waits for without an end (docs/decisions/0017)."""
