"""The names of scopes that tokens carry (contract access.md §3)."""

WRITE = "altinn:correspondence.write"
READ = "altinn:correspondence.read"
SERVICE_OWNER = "altinn:serviceowner"
END_USER = "altinn:portal/enduser"
