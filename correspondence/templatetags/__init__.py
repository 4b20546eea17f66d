"""What templates of this app format."""
