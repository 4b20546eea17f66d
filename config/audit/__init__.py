"""The audit log of the back-office: who did what, when and why."""
