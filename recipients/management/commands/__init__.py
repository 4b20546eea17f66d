"""Commands of the register of parties."""
