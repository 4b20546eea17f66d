"""Commands about the people of the back-office."""
