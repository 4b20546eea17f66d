"""What templates of the back-office ask."""
