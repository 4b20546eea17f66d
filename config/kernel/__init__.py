"""What every app shares and no app is named in."""
