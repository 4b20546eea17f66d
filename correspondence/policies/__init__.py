"""What may be done to a letter and what it may say: questions without side effects."""
