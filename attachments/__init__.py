"""Files that go along: metadata, upload, malware scan, storage, expiry, and the sender's download."""
