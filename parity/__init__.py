"""Proof that pybootmlm and R agree, quantity by quantity."""
