"""What is counted of files (docs/monitoring.md). What is read of their table: gauges.py."""

from prometheus_client import Counter

BYTES = Counter(
    "correspondence_attachment_bytes_total",
    "Bytes of files that senders brought (in) and that somebody fetched (out), of broken transfers too.",
    ["direction"],
)
SCANS = Counter(
    "correspondence_scans_total",
    "Files that the malware scanner was asked about. unavailable: no verdict, and tried again.",
    ["outcome"],
)
STORAGE_ERRORS = Counter(
    "correspondence_storage_errors_total",
    "Faults of the storage of attachments: it could not be reached, was full, or refused.",
    ["operation"],
)
for _direction in ("in", "out"):
    BYTES.labels(_direction)
for _outcome in ("clean", "refused", "unavailable"):
    SCANS.labels(_outcome)
for _operation in ("write", "open", "read", "delete", "list"):
    STORAGE_ERRORS.labels(_operation)
