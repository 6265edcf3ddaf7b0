"""Who is right where R and Python differ: witnesses, and the rules by which they decide."""
