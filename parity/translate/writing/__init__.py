"""Python: expressions built from patterns, and laid out in lines."""
