"""Files that go along. So far their metadata on the wire; upload and storage follow."""
