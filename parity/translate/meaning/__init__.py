"""What the names of a script stand for."""
