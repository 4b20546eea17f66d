"""As Norwegians write dates: 24. november 2026 kl. 14.05. Django's own have no "kl.", and a colon."""

DATETIME_FORMAT = r"j. F Y \k\l. H.i"
TIME_FORMAT = "H.i"
SHORT_DATE_FORMAT = "d.m.Y"
SHORT_DATETIME_FORMAT = r"d.m.Y \k\l. H.i"
