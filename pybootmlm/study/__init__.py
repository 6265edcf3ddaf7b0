"""Studies of coverage: how often intervals hold the truth, over a grid of designs."""
