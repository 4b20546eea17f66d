"""Who may send what."""
