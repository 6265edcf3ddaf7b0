"""Bootstraps of a fit: replicates, their statistics, and what is concluded from them."""
