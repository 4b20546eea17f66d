"""Who enters the back-office, and for how long: passwords, lock-out, second factor, sessions (docs/admin-access.md)."""
