"""The examples of ``deviations.toml``: run in R and in Python, recorded, and shown on a page."""
