"""The criterion of models with one grouping factor, from sums over its levels."""
